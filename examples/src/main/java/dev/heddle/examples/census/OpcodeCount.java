// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.census;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.objectweb.asm.util.Printer;

/**
 * How often an instruction occurs.
 *
 * @param opcode name of the instruction, in lower case as in the JVM specification
 * @param count how often
 */
record OpcodeCount(String opcode, long count) {

  private static final Comparator<OpcodeCount> RANKING =
      Comparator.comparingLong(OpcodeCount::count).reversed().thenComparing(OpcodeCount::opcode);

  static String name(int opcode) {
    return Printer.OPCODES[opcode].toLowerCase(Locale.ROOT);
  }

  /** Returns the opcodes that occur, the most frequent first, equal ones by name. */
  static List<OpcodeCount> ranked(long[] countByOpcode) {
    return IntStream.range(0, countByOpcode.length)
        .filter(opcode -> countByOpcode[opcode] > 0)
        .mapToObj(opcode -> new OpcodeCount(name(opcode), countByOpcode[opcode]))
        .sorted(RANKING)
        .toList();
  }
}
