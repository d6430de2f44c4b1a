// What the kernel's x86-64 uprobes can and cannot do; checked against Linux 6.18, instruction by instruction.
#include "probes/uprobe_instructions.h"

namespace trapline::probes {
namespace {

// The kernel (arch/x86/kernel/uprobes.c) judges an instruction by its opcode byte and refuses privileged ones, port I/O,
// breakpoints, and those under a lock or an old segment prefix.
bool is_refused_opcode(unsigned char opcode) {
  switch (opcode) {
  case 0x6c: case 0x6d: case 0x6e: case 0x6f: case 0xcc: case 0xcd: case 0xcf: case 0xe4: case 0xe5: case 0xe6: case 0xe7:
  case 0xec: case 0xed: case 0xee: case 0xef: case 0xf1: case 0xf4: case 0xfa: case 0xfb: return true;
  default: return false;
  }
}

// It looks at the opcode of a vector instruction as if it were an ordinary one. What reads as a branch or as a nop it
// carries out itself: the traced program goes on without the instruction, and with wrong data.
bool is_mistaken_for_branch(unsigned char vector_opcode) {
  switch (vector_opcode) {
  case 0x90: case 0xe8: case 0xe9: case 0xeb: return true;
  default: return vector_opcode >= 0x70 && vector_opcode <= 0x7f;
  }
}

bool is_refused_vector_opcode(std::span<const unsigned char> code, size_t at) {
  return at < code.size() && (is_refused_opcode(code[at]) || is_mistaken_for_branch(code[at]));
}

} // namespace

bool is_untraceable_instruction(std::span<const unsigned char> code) {
  for (size_t i = 0; i < code.size(); ++i) {
    switch (code[i]) {
    case 0x26: case 0x2e: case 0x36: case 0x3e: case 0xf0: return true;
    case 0x64: case 0x65: case 0x66: case 0x67: case 0xf2: case 0xf3: continue;
    case 0xc5: return is_refused_vector_opcode(code, i + 2); // VEX, two bytes and three
    case 0xc4: return is_refused_vector_opcode(code, i + 3);
    case 0x62: return is_refused_vector_opcode(code, i + 4); // EVEX
    default:
      if ((code[i] & 0xf0) == 0x40) continue; // REX
      return is_refused_opcode(code[i]);
    }
  }
  return false;
}

} // namespace trapline::probes
