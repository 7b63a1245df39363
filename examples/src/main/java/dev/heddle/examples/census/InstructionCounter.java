// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.census;

import org.objectweb.asm.Handle;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/** Enters the instructions of a method into a tally. */
final class InstructionCounter extends MethodVisitor {

  private final MethodRef method;
  private final Tally tally;
  private long instructions;

  InstructionCounter(MethodRef method, Tally tally) {
    super(Opcodes.ASM9);
    this.method = method;
    this.tally = tally;
  }

  private void count(int opcode) {
    instructions++;
    tally.instruction(opcode);
  }

  @Override
  public void visitInsn(int opcode) {
    count(opcode);
  }

  @Override
  public void visitIntInsn(int opcode, int operand) {
    count(opcode);
  }

  @Override
  public void visitVarInsn(int opcode, int variable) {
    count(opcode);
  }

  @Override
  public void visitTypeInsn(int opcode, String type) {
    count(opcode);
  }

  @Override
  public void visitFieldInsn(int opcode, String owner, String name, String descriptor) {
    count(opcode);
  }

  @Override
  public void visitMethodInsn(
      int opcode, String owner, String name, String descriptor, boolean isInterface) {
    count(opcode);
    tally.call(new MethodRef(owner, name, descriptor));
  }

  @Override
  public void visitInvokeDynamicInsn(
      String name, String descriptor, Handle bootstrap, Object... arguments) {
    count(Opcodes.INVOKEDYNAMIC); // names no method but the bootstrap method, which it calls once
  }

  @Override
  public void visitJumpInsn(int opcode, Label target) {
    count(opcode);
  }

  @Override
  public void visitLdcInsn(Object value) {
    count(Opcodes.LDC);
  }

  @Override
  public void visitIincInsn(int variable, int increment) {
    count(Opcodes.IINC);
  }

  @Override
  public void visitTableSwitchInsn(int min, int max, Label otherwise, Label... targets) {
    count(Opcodes.TABLESWITCH);
  }

  @Override
  public void visitLookupSwitchInsn(Label otherwise, int[] keys, Label[] targets) {
    count(Opcodes.LOOKUPSWITCH);
  }

  @Override
  public void visitMultiANewArrayInsn(String descriptor, int dimensions) {
    count(Opcodes.MULTIANEWARRAY);
  }

  @Override
  public void visitEnd() {
    tally.method(method, instructions);
  }
}
