// Context::signature, and grouping by it.
#include "probes/groups.h"

#include <fmt/format.h>

namespace trapline::probes {
namespace {

void append(std::string& out, const Fetch& fetch) {
  fmt::format_to(std::back_inserter(out), "{}.{}.{}.{}.{}.{}.{}", int(fetch.how), fetch.offset, fetch.base, fetch.index_base,
                 fetch.scale, fetch.size, fetch.is_signed ? 's' : 'u');
  if (fetch.how == Fetch::How::ContextGather) out += fmt::format(".{}", fmt::join(fetch.gather, "."));
  out += ';';
}

void append(std::string& out, const Type& type) {
  out += to_string(type);
  out += char('0' + int(type.space));
  if (type.is(Kind::Pointer) && type.element) out += char('0' + int(type.element->space));
  out += ';';
}

// Registers `target` under event `number`; false when that number already leads elsewhere.
bool route(Context::Dispatch& dispatch, int number, int32_t target) {
  if (number < 0) return false;
  if (size_t(number) >= dispatch.target_of.size()) dispatch.target_of.resize(size_t(number) + 1, -1);
  if (dispatch.target_of[size_t(number)] >= 0) return false;
  dispatch.target_of[size_t(number)] = target;
  return true;
}

} // namespace

std::string Context::signature() const {
  std::string text = fmt::format("{}|{}|{}|", int(program_type), provider, int(default_space));
  for (bool flag : {has_args, user_args, has_context_pointer, user_function, function_entry, filter_pid_in_program,
                    user_stack, cookie, dispatch.has_value()})
    text += flag ? '1' : '0';
  text += fmt::format("|{}|{}|", registers, instruction_pointer);
  for (const ArgsField& field : args) {
    text += field.name;
    text += ':';
    append(text, field.type);
    append(text, field.fetch);
  }
  text += '|';
  for (const Fetch& fetch : arg_n) append(text, fetch);
  text += '|';
  if (retval) {
    append(text, *retval);
    append(text, retval_type);
  }
  if (dispatch) {
    text += dispatch->reject_compat ? "|native " : "|any ";
    append(text, dispatch->number);
  }
  return text;
}

void Groups::add(Context context, std::string_view section, Target target, std::optional<int> number) {
  const bool shares = context.cookie || context.dispatch;
  size_t index = groups_.size();
  if (shares) {
    std::string key = context.signature();
    key += section;
    index = by_signature_.try_emplace(std::move(key), index).first->second;
  }
  if (index == groups_.size()) groups_.push_back({std::move(context), std::string(section), ProbeRole::Normal, {}});
  Group& group = groups_[index];
  if (group.context.dispatch && number && !route(*group.context.dispatch, *number, int32_t(group.targets.size()))) return;
  group.targets.push_back(std::move(target));
}

} // namespace trapline::probes
