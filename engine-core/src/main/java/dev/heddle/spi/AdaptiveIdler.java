// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.spi;

/**
 * Spins as long as it has lately paid: doubles its patience when work was found, else halves it.
 * Looks further and further apart, since a look takes the line of an index away from whoever is
 * about to submit.
 */
final class AdaptiveIdler implements IdleStrategy.Idler {

  private static final int MIN_LOOKS = 16;
  private static final int MAX_LOOKS = 256;
  private static final int MAX_PAUSES = 8;

  private int patience = MAX_LOOKS;

  @Override
  public boolean pause(int looks) {
    for (int i = Math.min(looks, MAX_PAUSES); i > 0; i--) {
      Thread.onSpinWait();
    }
    if (looks < patience) {
      return true;
    }
    patience = Math.max(MIN_LOOKS, patience / 2);
    return false;
  }

  @Override
  public void found(int looks) {
    patience = Math.min(MAX_LOOKS, patience * 2);
  }
}
