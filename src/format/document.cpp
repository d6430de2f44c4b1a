#include "format/document.h"

#include <algorithm>
#include <string_view>

namespace trapline::format {

namespace {

using Kind = Doc::Kind;

constexpr size_t kContinuation = 4; // columns, of an Align without room

// The extent of one thing behind another.
void append_extent(Doc& doc, const Doc& part) {
  doc.forced |= part.forced;
  if (!doc.breakable) doc.head += part.head;
  doc.widest = std::max({doc.widest, doc.tail + part.head, part.widest});
  doc.tail = part.breakable ? part.tail : doc.tail + part.tail;
  doc.breakable |= part.breakable;
}

Doc leaf(Kind kind, std::string_view text = {}) {
  Doc doc;
  doc.kind = kind;
  doc.text = text;
  doc.forced = kind == Kind::Hard || kind == Kind::Blank || kind == Kind::Verbatim || text.find('\n') != std::string_view::npos;
  doc.breakable = kind == Kind::Line || kind == Kind::SoftLine || kind == Kind::Hard || kind == Kind::Blank || kind == Kind::Verbatim;
  if (kind == Kind::Text || kind == Kind::Comment) doc.head = doc.tail = doc.widest = text.substr(0, text.find('\n')).size();
  if (kind == Kind::Space) doc.head = doc.tail = doc.widest = 1;
  return doc;
}

Doc node(Kind kind, std::vector<Doc> parts, size_t indent = 0) {
  Doc doc;
  doc.kind = kind;
  doc.indent = indent;
  for (const Doc& part : parts) append_extent(doc, part);
  doc.parts = std::move(parts);
  return doc;
}

class Printer {
public:
  explicit Printer(size_t width) : width_(width) {}

  std::string run(const Doc& doc) {
    todo_.push_back({0, false, 0, &doc});
    while (!todo_.empty()) {
      const Command command = todo_.back();
      todo_.pop_back();
      step(command);
    }
    if (!out_.empty()) out_ += '\n';
    return std::move(out_);
  }

private:
  struct Command {
    size_t indent;
    bool flat;
    size_t next; // of a Fill: the part to go on with
    const Doc* doc;
  };

  void step(const Command& command) {
    const Doc& doc = *command.doc;
    switch (doc.kind) {
    case Kind::Text:
    case Kind::Trailing: write(doc.text); break;
    case Kind::Comment: write_indented(doc.text); break;
    case Kind::Verbatim:
      end_line(0, false);
      write(doc.text);
      end_line(command.indent, false);
      break;
    case Kind::Space: space_ = !at_line_start_; break;
    case Kind::Line:
    case Kind::SoftLine:
      if (!command.flat) {
        end_line(command.indent, false);
      } else {
        space_ |= doc.kind == Kind::Line && !at_line_start_;
      }
      break;
    case Kind::Hard:
    case Kind::Blank: end_line(command.indent, doc.kind == Kind::Blank); break;
    case Kind::Concat: push_parts(doc, command.indent, command.flat); break;
    case Kind::Group: push_parts(doc, command.indent, command.flat || has_room(doc, true)); break;
    case Kind::Fill: step_fill(command); break;
    case Kind::Nest: push_parts(doc, command.indent + doc.indent, command.flat); break;
    case Kind::Align: step_align(command); break;
    }
  }

  void step_align(const Command& command) {
    const Doc& doc = *command.doc;
    size_t indent = column() + (space_ ? 1 : 0);
    const size_t closer = std::min(command.indent + kContinuation, indent);
    if (!command.flat && !at_line_start_ && indent + doc.widest > width_ && closer + doc.widest <= width_) {
      indent = closer;
      end_line(indent, false);
    }
    push_parts(doc, indent, command.flat);
  }

  void step_fill(const Command& command) {
    const Doc& doc = *command.doc;
    if (doc.parts.empty()) return;
    const Doc& part = doc.parts[command.next];
    const bool is_line = command.next % 2 == 1;
    if (command.next + 1 < doc.parts.size()) todo_.push_back({command.indent, command.flat, command.next + 1, &doc});
    bool flat = command.flat;
    if (is_line) {
      const Doc& content = doc.parts[command.next + 1];
      flat = flat || has_room(content, command.next + 2 == doc.parts.size(), 1);
    } else {
      flat = flat || has_room(part, command.next + 1 == doc.parts.size());
    }
    todo_.push_back({command.indent, flat, 0, &part});
  }

  void push_parts(const Doc& doc, size_t indent, bool flat) {
    for (auto part = doc.parts.rbegin(); part != doc.parts.rend(); ++part) todo_.push_back({indent, flat, 0, &*part});
  }

  // Whether `doc` in one piece, and with `and_rest` what follows it up to the next possible end of the line, ends before the
  // right margin.
  bool has_room(const Doc& doc, bool and_rest, size_t before = 0) const {
    if (doc.forced) return false;
    size_t used = column() + (space_ ? 1 : 0) + before;
    std::vector<std::pair<const Doc*, bool>> stack = {{&doc, true}};
    size_t rest = and_rest ? todo_.size() : 0;
    for (;;) {
      if (used > width_) return false;
      if (stack.empty()) {
        if (rest == 0) return true;
        --rest;
        const Command& command = todo_[rest];
        const std::vector<Doc>& parts = command.doc->parts;
        if (command.next > 0 && !command.flat) return true; // a Line of a Fill
        for (size_t i = parts.size(); command.next > 0 && i > command.next; --i) stack.emplace_back(&parts[i - 1], true);
        if (command.next == 0) stack.emplace_back(command.doc, command.flat);
        continue;
      }
      const auto [top, flat] = stack.back();
      stack.pop_back();
      const size_t newline = top->text.find('\n');
      switch (top->kind) {
      case Kind::Text:
      case Kind::Comment:
        used += std::min(newline, top->text.size());
        if (newline != std::string::npos) return used <= width_;
        break;
      case Kind::Space: ++used; break;
      case Kind::Line:
        if (!flat) return true;
        ++used;
        break;
      case Kind::SoftLine:
        if (!flat) return true;
        break;
      case Kind::Trailing:
      case Kind::Verbatim:
      case Kind::Hard:
      case Kind::Blank: return true;
      default:
        for (auto part = top->parts.rbegin(); part != top->parts.rend(); ++part) stack.emplace_back(&*part, flat);
      }
    }
  }

  size_t column() const { return at_line_start_ ? indent_ : column_; }

  void end_line(size_t indent, bool with_blank) {
    at_line_start_ = true;
    space_ = false;
    blank_ |= with_blank;
    indent_ = indent;
  }

  void write(std::string_view text) {
    if (text.empty()) return;
    if (at_line_start_) {
      if (!out_.empty()) out_ += blank_ ? "\n\n" : "\n";
      out_.append(indent_, ' ');
      column_ = indent_;
    } else if (space_) {
      out_ += ' ';
      ++column_;
    }
    at_line_start_ = blank_ = space_ = false;
    out_ += text;
    const size_t newline = text.rfind('\n');
    column_ = newline == std::string_view::npos ? column_ + text.size() : text.size() - newline - 1;
  }

  void write_indented(std::string_view text) {
    const size_t indent = column() + (space_ ? 1 : 0);
    for (bool first = true;; first = false) {
      const size_t end = std::min(text.find('\n'), text.size());
      if (first) {
        write(text.substr(0, end));
      } else {
        out_ += '\n';
        if (end > 0) out_.append(indent, ' ') += text.substr(0, end);
        column_ = indent + end;
      }
      if (end == text.size()) return;
      text.remove_prefix(end + 1);
    }
  }

  const size_t width_;
  std::string out_;
  std::vector<Command> todo_;
  size_t column_ = 0;
  size_t indent_ = 0; // of the line to begin
  bool at_line_start_ = true;
  bool blank_ = false;
  bool space_ = false;
};

} // namespace

Doc text(std::string_view text) { return leaf(Kind::Text, text); }
Doc trailing(std::string_view text) { return leaf(Kind::Trailing, text); }
Doc comment(std::string_view text) { return leaf(Kind::Comment, text); }
Doc verbatim(std::string_view text) { return leaf(Kind::Verbatim, text); }
Doc space() { return leaf(Kind::Space); }
Doc line() { return leaf(Kind::Line); }
Doc soft_line() { return leaf(Kind::SoftLine); }
Doc hard() { return leaf(Kind::Hard); }
Doc blank() { return leaf(Kind::Blank); }
Doc concat(std::vector<Doc> parts) { return node(Kind::Concat, std::move(parts)); }
Doc group(std::vector<Doc> parts) { return node(Kind::Group, std::move(parts)); }
Doc fill(std::vector<Doc> parts) { return node(Kind::Fill, std::move(parts)); }
Doc nest(size_t indent, std::vector<Doc> parts) { return node(Kind::Nest, std::move(parts), indent); }
Doc align(std::vector<Doc> parts) { return node(Kind::Align, std::move(parts)); }

std::string print(const Doc& doc, size_t width) { return Printer(width).run(doc); }

} // namespace trapline::format
