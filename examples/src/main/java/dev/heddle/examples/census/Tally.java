// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.census;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * What was counted: in one package, or added up for all. Not thread-safe: each task fills a tally
 * of its own, and the thread that waits for the tasks adds them up.
 *
 * <p>Opcodes are counted as ASM reports them, without short and wide forms: {@code aload_0} is an
 * {@code aload}, {@code ldc_w} an {@code ldc}.
 */
final class Tally {

  private static final int OPCODES = 256;

  private final long[] instructionsByOpcode = new long[OPCODES];
  private final CallCounts calls = new CallCounts();
  private final Ranking longest;
  private long classFiles;
  private long moduleDescriptors;
  private long bytes;
  private long methods;
  private long hashes; // their sum, which does not depend on the order

  /**
   * Makes an empty tally.
   *
   * @param top how many of the longest methods to keep
   */
  Tally(int top) {
    longest = new Ranking(top);
  }

  void classFile(int size, long hash) {
    classFiles++;
    bytes += size;
    hashes += hash;
  }

  void moduleDescriptor() {
    moduleDescriptors++;
  }

  void method(MethodRef method, long instructions) {
    methods++;
    if (instructions > 0) { // abstract and native methods have none
      longest.add(new MethodCount(method, instructions));
    }
  }

  void instruction(int opcode) {
    instructionsByOpcode[opcode]++;
  }

  void call(MethodRef called) {
    calls.add(called);
  }

  /** Adds all that another tally has counted. */
  void addAll(Tally other) {
    Arrays.setAll(
        instructionsByOpcode,
        opcode -> instructionsByOpcode[opcode] + other.instructionsByOpcode[opcode]);
    calls.addAll(other.calls);
    longest.addAll(other.longest);
    classFiles += other.classFiles;
    moduleDescriptors += other.moduleDescriptors;
    bytes += other.bytes;
    methods += other.methods;
    hashes += other.hashes;
  }

  Totals totals() {
    return new Totals(
        classFiles,
        moduleDescriptors,
        bytes,
        methods,
        Arrays.stream(instructionsByOpcode).sum(),
        calls.calls(),
        calls.methods(),
        HexFormat.of().toHexDigits(hashes));
  }

  /**
   * Returns how often each opcode occurs, the most frequent first, those that do not occur left
   * out.
   */
  List<OpcodeCount> opcodes() {
    return OpcodeCount.ranked(instructionsByOpcode);
  }

  /** Returns the methods with the most instructions. */
  List<MethodCount> longestMethods() {
    return longest.toList();
  }

  /** Returns the methods that are named by the most call instructions. */
  List<MethodCount> mostCalledMethods(int top) {
    return calls.most(top);
  }

  /**
   * Compares all that was counted, not only what a report shows.
   *
   * @return the first difference, as {@code what: this and that}; empty if there is none
   */
  Optional<String> differenceFrom(Tally other) {
    int opcode = Arrays.mismatch(instructionsByOpcode, other.instructionsByOpcode);
    if (opcode >= 0) {
      return Optional.of(
          difference(
              OpcodeCount.name(opcode),
              instructionsByOpcode[opcode],
              other.instructionsByOpcode[opcode]));
    }
    Optional<MethodRef> method = calls.firstDifference(other.calls);
    if (method.isPresent()) {
      return method.map(
          called -> difference("calls of " + called, calls.of(called), other.calls.of(called)));
    }
    if (!totals().equals(other.totals())) {
      return Optional.of(difference("totals", totals(), other.totals()));
    }
    if (!longestMethods().equals(other.longestMethods())) {
      return Optional.of(difference("longest methods", longestMethods(), other.longestMethods()));
    }
    return Optional.empty();
  }

  private static String difference(String what, Object here, Object there) {
    return what + ": " + here + " and " + there;
  }
}
