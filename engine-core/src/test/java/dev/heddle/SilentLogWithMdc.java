// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import org.slf4j.helpers.BasicMDCAdapter;
import org.slf4j.helpers.NOP_FallbackServiceProvider;
import org.slf4j.spi.MDCAdapter;

/**
 * What SLF4J finds in tests: logs nothing, as test libraries are not to print, and has a diagnostic
 * context, which slf4j-nop has not.
 */
public final class SilentLogWithMdc extends NOP_FallbackServiceProvider {

  private final MDCAdapter mdc = new BasicMDCAdapter();

  @Override
  public MDCAdapter getMDCAdapter() {
    return mdc;
  }
}
