// Compiles scripts against the sample machine and looks at the BPF that comes out.
#pragma once

#include "compile.h"
#include "system/fake.h"

#include <elf.h>
#include <linux/bpf.h>

#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace trapline::test {

struct Compiled {
  std::optional<Program> program;
  std::string errors;
};

inline Compiled compile_text(const std::string& text, std::unique_ptr<FakeSystem> system = make_sample_system(), CompileOptions options = {}) {
  SourceFile source("test", text);
  Diagnostics diagnostics;
  Compiled result;
  result.program = compile(source, options, *system, diagnostics);
  result.errors = render_all(diagnostics, source, false);
  static std::vector<std::unique_ptr<FakeSystem>> kept; // struct types refer to their System
  kept.push_back(std::move(system));
  return result;
}

// The instructions of a section of the object.
inline std::vector<bpf_insn> instructions(const Program& program, const std::string& section) {
  std::vector<bpf_insn> found;
  const char* base = program.object.data();
  Elf64_Ehdr header;
  std::memcpy(&header, base, sizeof(header));
  auto section_at = [&](size_t i) {
    Elf64_Shdr s;
    std::memcpy(&s, base + header.e_shoff + i * header.e_shentsize, sizeof(s));
    return s;
  };
  Elf64_Shdr names = section_at(header.e_shstrndx);
  for (size_t i = 0; i < header.e_shnum; ++i) {
    Elf64_Shdr s = section_at(i);
    if (section != base + names.sh_offset + s.sh_name) continue;
    found.resize(s.sh_size / sizeof(bpf_insn));
    std::memcpy(found.data(), base + s.sh_offset, found.size() * sizeof(bpf_insn));
  }
  return found;
}

// How often each helper is called, by its number in linux/bpf.h.
inline std::map<int, int> helper_calls(const Program& program, const std::string& section) {
  std::map<int, int> calls;
  for (const bpf_insn& instruction : instructions(program, section)) {
    if (instruction.code == (BPF_JMP | BPF_CALL) && instruction.src_reg == 0) ++calls[instruction.imm];
  }
  return calls;
}

} // namespace trapline::test
