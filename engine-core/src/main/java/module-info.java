// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/**
 * The Heddle task engine: typed tasks on a work-stealing pool, embedded in an application.
 *
 * <p>Start with {@link dev.heddle.TaskEngine}. Exported packages are the API; everything under
 * {@code dev.heddle.internal} may change in any release.
 */
@org.jspecify.annotations.NullMarked
module dev.heddle {
  requires org.jctools.core.jdk11;
  requires static com.cronutils;
  requires static context.propagation;
  requires static io.opentelemetry.context;
  requires static jdk.jfr;
  requires static micrometer.core;
  requires static org.jspecify;
  requires static org.slf4j;

  exports dev.heddle;
  exports dev.heddle.error;
  exports dev.heddle.fork;
  exports dev.heddle.memory;
  exports dev.heddle.observe;
  exports dev.heddle.resource;
  exports dev.heddle.spi;
}
