// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.dsl;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Makes settings of the components of a record. For {@code record OrderSettings} the processor
 * writes {@code OrderSettingsLoader}, which reads one out of a map, properties or the environment,
 * makes the builder of an engine with it, and returns a table of the settings in Markdown.
 *
 * <p>A component called like an option of the engine ({@code workers}, {@code queueCapacity}, ...;
 * see {@link dev.heddle.EngineOptions}) is that option, and has its type, its rule and, unless
 * {@link Default} says another, its default. Any other is a setting of the program: an {@code int},
 * {@code long}, {@code double} or {@code boolean}, a {@code String}, {@link java.time.Duration},
 * {@link dev.heddle.MemorySize} or enum, or an {@link java.util.Optional} of a duration or a size,
 * which may be {@code off}. Without a {@link Default} it must be given. What the record's
 * documentation says of a component, in its {@code @param}, stands in the table.
 *
 * <p>The record is neither local nor private, and no other of its name has the annotation in its
 * package.
 *
 * <p>The compiler checks defaults and ranges by the same rules as the loader checks what it reads.
 * What several settings must be together is for the record's constructor to check: its {@link
 * IllegalArgumentException} is reported like a wrong value.
 *
 * {@snippet class="dev.heddle.dsl.EngineSettingsSnippets" region="orders"}
 *
 * <p>Then {@code OrderSettingsLoader.load(System.getProperties())} gives the settings, and {@code
 * OrderSettingsLoader.engine(settings).build()} the engine.
 */
@Documented
@Retention(RetentionPolicy.SOURCE)
@Target(ElementType.TYPE)
public @interface EngineSettings {

  /**
   * Returns what the keys begin with: {@code "orders"} for {@code orders.workers} and, in the
   * environment, {@code ORDERS_WORKERS}.
   *
   * @return words of {@code A-Z a-z 0-9 -} with dots between, a letter first in each, 1 to 64
   *     characters; not {@code heddle}, nor what begins with that word, which belongs to the
   *     engine's own settings
   */
  String value();
}
