// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.census;

import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.ModuleVisitor;
import org.objectweb.asm.Opcodes;

/** Enters a class file into a tally. */
final class ClassFileCounter extends ClassVisitor {

  private final Tally tally;
  private String owner = "";

  ClassFileCounter(Tally tally) {
    super(Opcodes.ASM9);
    this.tally = tally;
  }

  @Override
  public void visit(
      int version,
      int access,
      String name,
      @Nullable String signature,
      @Nullable String superName,
      String @Nullable [] interfaces) {
    owner = name;
  }

  @Override
  public @Nullable ModuleVisitor visitModule(String name, int access, @Nullable String version) {
    tally.moduleDescriptor();
    return null;
  }

  @Override
  public MethodVisitor visitMethod(
      int access,
      String name,
      String descriptor,
      @Nullable String signature,
      String @Nullable [] exceptions) {
    return new InstructionCounter(new MethodRef(owner, name, descriptor), tally);
  }
}
