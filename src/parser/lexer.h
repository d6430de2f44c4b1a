// Text to tokens. The rules are in lexer.l; this is what they call.
#pragma once

#include "parser/parse.h"
#include "parser/preprocess.h"
#include "parser/token.h"

#include <string>
#include <string_view>
#include <vector>

namespace trapline {

// What the brace or semicolon that ends the present top-level item ends.
enum class TopLevel : uint8_t { Probe, Record, Typedef, Declaration };

class Lexer {
public:
  // Of the text at `part`.
  Lexer(const SourceFile& source, Span part, const ParseOptions& options, Diagnostics& diags);

  // Lexes the whole script; reports what is no token. The list ends in TOK_END.
  TokenList run();

  // --- for the rules of lexer.l
  // Start states that a method may ask for.
  enum class State : uint8_t { Same, Outside, Code, RecordEnd, Attribute };

  void advance(size_t length) {
    begin_ = end_;
    end_ += static_cast<uint32_t>(length);
  }
  void retreat(size_t length) { end_ = begin_ + static_cast<uint32_t>(length); }
  bool expanding() const { return !expansions_.empty(); }
  bool gave_up() const { return gave_up_; }
  // Only blanks stand before the present token on its line.
  bool at_line_start() const;

  Token& emit(TokenKind kind, std::string_view text = {});
  // How much of the text is the attach point: a predicate may follow without a blank.
  size_t attach_point(std::string_view text);
  void match_operator(); // `=~`
  void integer(std::string_view text);
  void positional(std::string_view digits);
  State word(std::string_view text);
  State open_brace();
  State close_brace();
  State semicolon();
  void bracket(TokenKind kind);
  State begin_item(TopLevel kind, TokenKind keyword);
  State end_item();

  void begin_string();
  void append(std::string_view text) { string_.append(text); }
  void append_octal(std::string_view escape);
  void append_hex(std::string_view escape);
  void invalid_escape(std::string_view escape);
  void end_string(bool terminated);
  void single_quoted(std::string_view text);

  void begin_comment() { comment_begin_ = begin_; }
  void end_comment() { aside(Aside::Kind::Comment, {comment_begin_, end_}); }
  void line_comment() { aside(Aside::Kind::Comment, {begin_, end_}); }
  void unterminated_comment();
  void begin_directive();
  bool end_directive(); // whether the text that follows is to be skipped
  void begin_attribute();
  void attribute_text(std::string_view text);
  bool end_attribute(); // after `)`: whether that was the last one
  void unterminated_attribute();

  void invalid(std::string_view bytes);

private:
  static constexpr size_t kMaxErrors = 20;

  void scan(std::string_view text); // in lexer.l
  Span here() const;
  // `args` fill the placeholders of the row.
  template <typename... Args> Diagnostic& report(DiagId id, Span span, const Args&... args) {
    damaged_ = true;
    if (++errors_ >= kMaxErrors) gave_up_ = true;
    return (drops_item() ? unheard_ : diags_).report(id, span, args...);
  }
  void aside(Aside::Kind kind, Span span) {
    if (!expanding() && !preprocessor_.skipping()) asides_.push_back({kind, span});
  }
  void expand(const std::string& name, const std::string& text);
  void drop_item();
  bool starts_a_probe() const;
  bool at_assignment() const;
  void close_blocks();
  void forget(TokenKind kind, Span span);
  void nest();
  std::string substitute(std::string_view text, size_t& at);
  bool in_record() const { return top_level_ == TopLevel::Record || top_level_ == TopLevel::Typedef; }
  // A C front end has read this definition.
  bool drops_item() const { return options_.c_facts && options_.c_facts->has_definitions && in_record(); }

  const SourceFile& source_;
  const Span part_;
  const std::string_view text_; // up to the end of the part
  const ParseOptions& options_;
  Diagnostics& diags_;
  Diagnostics unheard_;
  Preprocessor preprocessor_;
  std::vector<Token> tokens_;
  std::vector<Aside> asides_;

  uint32_t begin_ = 0; // of the present token, in the script or in the macro that is being expanded
  uint32_t end_ = 0;
  TopLevel top_level_ = TopLevel::Probe;
  uint32_t depth_ = 0;   // open braces
  uint32_t nesting_ = 0; // open brackets of any kind
  bool damaged_ = false; // something was left out before the next token
  bool gave_up_ = false;
  size_t errors_ = 0;
  size_t missing_positionals_ = 0;

  std::string string_;
  uint32_t string_begin_ = 0;
  uint32_t comment_begin_ = 0;
  uint32_t directive_begin_ = 0;
  uint32_t attribute_begin_ = 0;
  uint32_t attribute_parens_ = 0;
  std::string attribute_;
  size_t item_begin_ = 0;     // the first token of the present top-level item, and where it stands
  uint32_t item_offset_ = 0;
  uint32_t skipped_begin_ = 0; // where the text that a condition leaves out began
  bool only_c_so_far_ = true;
  CText c_text_;

  std::vector<std::string> expansions_; // macros being expanded, outermost first
  Span use_;                            // of the outermost one
  size_t expanded_tokens_ = 0;
};

} // namespace trapline
