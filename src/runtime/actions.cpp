// Carries out what records ask for, in the order of the ring.
#include "runtime/actions.h"

#include "program/object.h"
#include "runtime/child.h"
#include "support/unique_fd.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace trapline::runtime {

namespace {

// The program turned to the map's other bank when it sent this.
bool leaves_bank(const Action& action, uint64_t turn) {
  return turn != 0 && (action.kind == ActionKind::Clear || action.kind == ActionKind::Zero || action.then != Action::Then::Nothing);
}

} // namespace

Actions::Actions(const Context& context, Maps& maps, Printer& printer) : context_(context), maps_(maps), printer_(printer) {
  formats_.reserve(context.program.actions.size());
  for (const Action& action : context.program.actions) formats_.emplace_back(action);
}

const std::string& Actions::format(uint32_t action, const uint8_t* record) {
  text_.clear();
  formats_[action].append(text_, record, context_);
  return text_;
}

void Actions::run(std::span<const uint8_t> record) {
  if (record.size() < sizeof(RecordHeader)) return;
  RecordHeader header;
  std::memcpy(&header, record.data(), sizeof header);
  const std::vector<Action>& actions = context_.program.actions;
  if (header.action >= actions.size() || record.size() < actions[header.action].record_size) return;

  const Action& action = actions[header.action];
  const uint8_t* bytes = record.data();
  const uint64_t number = record.size() >= 16 ? load(bytes + 8, 8) : 0; // where the record is one number
  if (discarding_ && !leaves_bank(action, number)) return;
  switch (action.kind) {
    case ActionKind::Printf: printer_.message(MessageKind::Printf, format(header.action, bytes)); break;
    case ActionKind::Errorf: printer_.script_message(Severity::Error, action.span, format(header.action, bytes)); break;
    case ActionKind::Warnf: printer_.script_message(Severity::Warning, action.span, format(header.action, bytes)); break;
    case ActionKind::PrintValue:
      if (!action.arguments.empty()) printer_.value(action.arguments[0].type, bytes + action.arguments[0].offset);
      break;
    case ActionKind::PrintMap:
    case ActionKind::Clear:
    case ActionKind::Zero: on_map(action, number); break;
    case ActionKind::Time: print_time(action); break;
    case ActionKind::Join: join(action, record); break;
    case ActionKind::Cat: cat(format(header.action, bytes), action); break;
    case ActionKind::System: system(format(header.action, bytes)); break;
    case ActionKind::Exit: exit(number); break;
    case ActionKind::PidSeen: break; // looked after when the record was taken from the ring
  }
}

void Actions::run_pending(uint32_t index, uint64_t number) {
  if (index >= context_.program.actions.size()) return;
  const Action& action = context_.program.actions[index];
  if (discarding_ && !leaves_bank(action, number)) return;
  switch (action.kind) {
    case ActionKind::PrintMap:
    case ActionKind::Clear:
    case ActionKind::Zero: on_map(action, number); break;
    case ActionKind::Time: print_time(action); break;
    case ActionKind::Exit: exit(number); break;
    default: break; // carries values that are gone
  }
}

void Actions::exit(uint64_t status) {
  exit_status_ = exit_status_.value_or(static_cast<int>(status & 0xff));
  discarding_ = true;
}

void Actions::on_map(const Action& action, uint64_t turn) {
  using Then = Action::Then;
  MapImage image;
  if (action.kind == ActionKind::Clear || action.then == Then::Clear) {
    image = maps_.clear(action.map, turn);
  } else if (action.kind == ActionKind::Zero || action.then == Then::Zero) {
    image = maps_.zero(action.map, turn);
  } else {
    const bool has_banks = context_.program.maps[action.map].banks >= 0;
    image = maps_.read(action.map, has_banks ? turn : Maps::kNow);
  }
  if (action.kind == ActionKind::PrintMap) printer_.map(arrange(image, action.print));
}

void Actions::print_time(const Action& action) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  const bool has_format = !action.format.empty() && !action.format[0].literal.empty();
  printer_.message(MessageKind::Time, format_time(has_format ? action.format[0].literal : "%H:%M:%S\n", now));
}

void Actions::join(const Action& action, std::span<const uint8_t> record) {
  constexpr size_t size = object::kJoinLength;
  if (record.size() < 16) return;
  const uint64_t count = std::min<uint64_t>(load(record.data() + 8, 8), object::kJoinMax);
  text_.clear();
  for (uint64_t i = 0; i < count && 16 + (i + 1) * size <= record.size(); i++) {
    const char* element = reinterpret_cast<const char*>(record.data() + 16 + i * size);
    const size_t length = strnlen(element, size);
    if (length == 0) break;
    if (i > 0) text_ += action.separator;
    text_.append(element, length);
  }
  printer_.message(MessageKind::Join, text_);
}

void Actions::cat(const std::string& path, const Action& action) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) {
    printer_.script_message(Severity::Error, action.span, fmt::format("cat: cannot open `{}`: {}", path, std::strerror(errno)));
    return;
  }
  std::string content(context_.program.settings.max_cat_bytes, '\0');
  size_t length = 0;
  while (length < content.size()) {
    const ssize_t got = ::read(file.get(), content.data() + length, content.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    length += static_cast<size_t>(got);
  }
  content.resize(length);
  printer_.message(MessageKind::Cat, content);
}

void Actions::system(const std::string& command) { printer_.message(MessageKind::System, run_shell(command)); }

} // namespace trapline::runtime
