#include "support/json_schema.h"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <regex>
#include <sstream>

namespace trapline::testing_support {

using nlohmann::json;

namespace {

bool has_type(const json& value, const std::string& type) {
  if (type == "null") return value.is_null();
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "string") return value.is_string();
  if (type == "array") return value.is_array();
  return type == "object" && value.is_object();
}

bool has_one_type(const json& value, const json& types) {
  if (types.is_string()) return has_type(value, types.get<std::string>());
  return std::any_of(types.begin(), types.end(), [&](const json& type) { return has_type(value, type.get<std::string>()); });
}

} // namespace

std::string JsonSchema::check(const json& schema, const json& value, const std::string& where) const {
  if (schema.is_boolean()) return schema.get<bool>() ? "" : where + " must not be there";
  for (const auto& [keyword, argument] : schema.items()) {
    if (std::string wrong = check_keyword(keyword, argument, schema, value, where); !wrong.empty()) return wrong;
  }
  return {};
}

std::string JsonSchema::check_keyword(const std::string& keyword, const json& argument, const json& schema, const json& value,
                                      const std::string& where) const {
  const auto fail = [&](bool wrong) { return wrong ? fmt::format("{}: {} breaks `{}`: {}", where, value.dump(), keyword, argument.dump()) : ""; };
  if (keyword == "$schema" || keyword == "$defs" || keyword == "title" || keyword == "description") return {};
  if (keyword == "$ref") return check(schema_.at(json::json_pointer(argument.get<std::string>().substr(1))), value, where);
  if (keyword == "type") return fail(!has_one_type(value, argument));
  if (keyword == "const") return fail(value != argument);
  if (keyword == "enum") return fail(std::find(argument.begin(), argument.end(), value) == argument.end());
  if (keyword == "minimum") return fail(value.is_number() && value < argument);
  if (keyword == "pattern") return fail(value.is_string() && !std::regex_search(value.get<std::string>(), std::regex(argument.get<std::string>())));
  if (keyword == "minProperties") return fail(value.is_object() && value.size() < argument);
  if (keyword == "maxProperties") return fail(value.is_object() && value.size() > argument);
  if (keyword == "required") {
    return fail(value.is_object() && !std::all_of(argument.begin(), argument.end(), [&](const json& name) { return value.contains(name); }));
  }
  if (keyword == "anyOf" || keyword == "oneOf") return check_choice(keyword, argument, value, where);
  if (keyword == "items") {
    for (size_t i = 0; value.is_array() && i < value.size(); i++) {
      if (std::string wrong = check(argument, value[i], fmt::format("{}[{}]", where, i)); !wrong.empty()) return wrong;
    }
    return {};
  }
  if (keyword == "properties" || keyword == "additionalProperties" || keyword == "propertyNames") {
    // All of them at the first one that is there.
    const std::vector<std::string> group = {"additionalProperties", "properties", "propertyNames"};
    const auto first = std::find_if(group.begin(), group.end(), [&](const std::string& name) { return schema.contains(name); });
    return *first == keyword ? check_members(schema, value, where) : "";
  }
  return fmt::format("the schema has the keyword `{}`, which is not known here", keyword);
}

std::string JsonSchema::check_members(const json& schema, const json& value, const std::string& where) const {
  if (!value.is_object()) return {};
  const json properties = schema.value("properties", json::object());
  for (const auto& [name, member] : value.items()) {
    const std::string at = fmt::format("{}.{}", where, name);
    const json& rule = properties.contains(name) ? properties.at(name) : schema.contains("additionalProperties") ? schema.at("additionalProperties") : json(true);
    if (std::string wrong = check(rule, member, at); !wrong.empty()) return wrong;
    if (!schema.contains("propertyNames")) continue;
    if (std::string wrong = check(schema.at("propertyNames"), name, at); !wrong.empty()) return wrong;
  }
  return {};
}

std::string JsonSchema::check_choice(const std::string& keyword, const json& schemas, const json& value, const std::string& where) const {
  size_t fitting = 0;
  std::string reasons;
  for (const json& one : schemas) {
    const std::string wrong = check(one, value, where);
    if (wrong.empty()) fitting++;
    else reasons += "\n    " + wrong;
  }
  if (fitting == 0) return fmt::format("{}: none of `{}` fits:{}", where, keyword, reasons);
  return keyword == "oneOf" && fitting > 1 ? fmt::format("{}: {} of `oneOf` fit", where, fitting) : "";
}

std::string check_output_lines(const std::string& output) {
  static const JsonSchema schema([] {
    std::ifstream file(TRAPLINE_SOURCE_DIR "/docs/output.schema.json");
    return json::parse(file);
  }());
  std::istringstream lines(output);
  std::string wrong;
  for (std::string line; std::getline(lines, line);) {
    const json document = json::parse(line, nullptr, false);
    const std::string reason = document.is_discarded() ? "not JSON" : schema.check(document);
    if (!reason.empty()) wrong += fmt::format("{}\n  of {}\n", reason, line);
  }
  return wrong;
}

} // namespace trapline::testing_support
