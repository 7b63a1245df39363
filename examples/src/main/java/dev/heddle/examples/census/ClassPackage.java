// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.census;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The class files of a package: the work of one task.
 *
 * @param name the folder that holds them
 * @param classFiles the class files in the order of names
 */
record ClassPackage(String name, List<ClassFile> classFiles) {

  // The largest first: one that came last would keep a single worker busy at the end.
  private static final Comparator<ClassPackage> ORDER =
      Comparator.comparingLong(ClassPackage::size).reversed().thenComparing(ClassPackage::name);

  ClassPackage {
    classFiles = classFiles.stream().sorted(Comparator.comparing(ClassFile::name)).toList();
  }

  /** Sorts class files into packages, the largest package first. */
  static List<ClassPackage> group(Stream<? extends ClassFile> classFiles) {
    return classFiles
        .collect(Collectors.<ClassFile, String>groupingBy(ClassPackage::folder))
        .entrySet()
        .stream()
        .map(entry -> new ClassPackage(entry.getKey(), entry.getValue()))
        .sorted(ORDER)
        .toList();
  }

  private static String folder(ClassFile file) {
    return file.name().substring(0, Math.max(0, file.name().lastIndexOf('/')));
  }

  /** Returns how much work this is: about the bytes of its class files. */
  long size() {
    return classFiles.stream().mapToLong(ClassFile::size).sum();
  }
}
