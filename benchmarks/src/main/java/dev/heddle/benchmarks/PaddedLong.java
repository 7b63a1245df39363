// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.benchmarks;

/** A volatile number that shares its cache line, and the one fetched with it, with nothing else. */
final class PaddedLong extends PaddedLongValue {

  long after0;
  long after1;
  long after2;
  long after3;
  long after4;
  long after5;
  long after6;
  long after7;
  long after8;
  long after9;
  long after10;
  long after11;
  long after12;
  long after13;
  long after14;
  long after15;
}

/** The number: fields of a superclass are laid out before those of its subclasses. */
class PaddedLongValue extends PaddingBefore {
  volatile long value;
}

/** What keeps the object header and the objects before this one away. */
class PaddingBefore {
  long before0;
  long before1;
  long before2;
  long before3;
  long before4;
  long before5;
  long before6;
  long before7;
  long before8;
  long before9;
  long before10;
  long before11;
  long before12;
  long before13;
  long before14;
  long before15;
}
