// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops;

import dev.heddle.error.ConfigurationException;
import dev.heddle.error.ErrorText;
import dev.heddle.nativeops.internal.JavaMathOps;
import dev.heddle.nativeops.internal.JavaStringOps;
import dev.heddle.nativeops.internal.NativeProvider;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;

/**
 * Where the operations come from: a C library, or Java where that may not be used.
 *
 * <p>The library is part of the jar, for some platforms, and is loaded at the first {@link #get}.
 * It is not used, and one line in the log of {@code dev.heddle} says why, if native access is not
 * enabled for this module ({@code --enable-native-access=dev.heddle.nativeops}, or {@code
 * ALL-UNNAMED} on the class path), if there is none for the platform, or if it is not the one that
 * was built. System properties:
 *
 * <ul>
 *   <li>{@code heddle.native}: {@code auto} (the default), {@code java} (do not use the library),
 *       {@code required} (fail without it);
 *   <li>{@code heddle.native.path}: the absolute path of a library to use instead of the bundled
 *       one. Its bytes are not looked at; its version is.
 * </ul>
 *
 * <p>Immutable; for any thread.
 */
public final class NativeOps {

  private static final String PROPERTY = "heddle.native";

  private static final NativeOps JAVA =
      inJava(
          new NativeLibraryException(
              NativeLibraryException.Reason.UNAVAILABLE,
              "the operations in Java were asked for",
              null));

  private final MathOps math;
  private final StringOps strings;
  private final String provider;
  private final Optional<NativeLibraryException> whyNot;

  private NativeOps(
      MathOps math, StringOps strings, String provider, Optional<NativeLibraryException> whyNot) {
    this.math = math;
    this.strings = strings;
    this.provider = provider;
    this.whyNot = whyNot;
  }

  private static NativeOps inJava(NativeLibraryException whyNot) {
    return new NativeOps(new JavaMathOps(), new JavaStringOps(), "java", Optional.of(whyNot));
  }

  /** Loads the library when it is first asked for. */
  private static final class Best {
    private static final Logger LOGGER = System.getLogger("dev.heddle");
    static final NativeOps OPS = load();

    private Best() {}

    private static NativeOps load() {
      try {
        NativeProvider provider = NativeProvider.load();
        return new NativeOps(
            provider.math(), provider.strings(), provider.name(), Optional.empty());
      } catch (NativeLibraryException e) {
        LOGGER.log(Level.INFO, "native operations run in Java: " + e.getMessage());
        return inJava(e);
      }
    }
  }

  /**
   * Returns the operations, by the library if it may be used.
   *
   * @return always the same
   * @throws NativeLibraryException if {@code heddle.native} is {@code required} and the library
   *     cannot be used
   * @throws ConfigurationException if {@code heddle.native} has another value
   */
  public static NativeOps get() {
    String wanted = System.getProperty(PROPERTY, "auto");
    return switch (wanted) {
      case "java" -> JAVA;
      case "auto" -> Best.OPS;
      case "required" -> {
        NativeOps best = Best.OPS;
        if (best.whyNot.isPresent()) {
          NativeLibraryException why = best.whyNot.get();
          throw new NativeLibraryException(why.reason(), String.valueOf(why.getMessage()), why);
        }
        yield best;
      }
      default ->
          throw new ConfigurationException(
              List.of(
                  new ConfigurationException.Problem(
                      PROPERTY,
                      ErrorText.quote(wanted),
                      "value must be a known one",
                      "use auto, java or required")));
    };
  }

  /**
   * Returns the operations in Java.
   *
   * @return always the same
   */
  public static NativeOps java() {
    return JAVA;
  }

  /**
   * Returns the operations on numbers.
   *
   * @return always the same
   */
  public MathOps math() {
    return math;
  }

  /**
   * Returns the operations on texts.
   *
   * @return always the same
   */
  public StringOps strings() {
    return strings;
  }

  /**
   * Says which provider this is.
   *
   * @return {@code java}, or platform and vector instructions, such as {@code linux-x86_64 avx2}
   */
  public String provider() {
    return provider;
  }

  /**
   * Tells whether the C library is used.
   *
   * @return whether it is
   */
  public boolean isNative() {
    return whyNot.isEmpty();
  }

  /**
   * Returns why the C library is not used.
   *
   * @return the reason, empty if it is used
   */
  public Optional<NativeLibraryException> whyNotNative() {
    return whyNot;
  }

  @Override
  public String toString() {
    return "NativeOps[" + provider + "]";
  }
}
