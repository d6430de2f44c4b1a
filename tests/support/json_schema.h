// Does a JSON document follow a JSON Schema? As much of draft 2020-12 as docs/output.schema.json uses; a keyword that is not
// known is an error, so that nothing is left unchecked.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace trapline::testing_support {

class JsonSchema {
public:
  explicit JsonSchema(nlohmann::json schema) : schema_(std::move(schema)) {}

  // Empty: it does. Else where and why not.
  std::string check(const nlohmann::json& document) const { return check(schema_, document, "$"); }

private:
  std::string check(const nlohmann::json& schema, const nlohmann::json& value, const std::string& where) const;
  std::string check_keyword(const std::string& keyword, const nlohmann::json& argument, const nlohmann::json& schema,
                            const nlohmann::json& value, const std::string& where) const;
  std::string check_members(const nlohmann::json& schema, const nlohmann::json& value, const std::string& where) const;
  std::string check_choice(const std::string& keyword, const nlohmann::json& schemas, const nlohmann::json& value, const std::string& where) const;

  nlohmann::json schema_;
};

// docs/output.schema.json; what is wrong with each line of trapline -f json, empty if nothing is.
std::string check_output_lines(const std::string& output);

} // namespace trapline::testing_support
