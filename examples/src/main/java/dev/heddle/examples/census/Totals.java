// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.examples.census;

/**
 * The sums of a census.
 *
 * @param classFiles class files, module descriptors included
 * @param moduleDescriptors files that describe a module and hold no class
 * @param bytes size of all class files
 * @param methods methods, those without a body included
 * @param instructions instructions in all methods
 * @param calls call instructions that name a method, so without {@code invokedynamic}
 * @param calledMethods different methods that they name
 * @param contentHash sum of the XXH64 of all class files, in hexadecimal digits
 */
record Totals(
    long classFiles,
    long moduleDescriptors,
    long bytes,
    long methods,
    long instructions,
    long calls,
    long calledMethods,
    String contentHash) {}
