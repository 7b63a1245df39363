// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.resilience;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the adapters depend on, and that a user needs no library that he does not use. */
class ResilienceArchitectureTest {

  private static final JavaClasses CLASSES = new ClassFileImporter().importPath(place());

  private static Path place() {
    try {
      return Path.of(
          CallRefusedException.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void dependencies_areTheExportedPackagesOfTheEngine_andOneLibraryAClass() {
    assertThat(packagesOf("Resilience4jTasks"))
        .containsExactlyInAnyOrder(
            "dev.heddle",
            "dev.heddle.error",
            "dev.heddle.resilience",
            "io.github.resilience4j.circuitbreaker",
            "io.github.resilience4j.ratelimiter");
    assertThat(packagesOf("FailsafeTasks"))
        .containsExactlyInAnyOrder("dev.failsafe", "dev.heddle", "dev.heddle.resilience");
    assertThat(packagesOf("(?!Resilience4jTasks|FailsafeTasks).*"))
        .isSubsetOf("dev.heddle", "dev.heddle.error", "dev.heddle.resilience");
  }

  private static Set<String> packagesOf(String classes) {
    return CLASSES.stream()
        .filter(type -> type.getSimpleName().matches(classes))
        .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
        .map(dependency -> dependency.getTargetClass().getBaseComponentType())
        .filter(type -> !type.isPrimitive())
        .map(JavaClass::getPackageName)
        .filter(name -> !name.startsWith("java.") && !name.startsWith("org.jspecify."))
        .collect(Collectors.toSet());
  }

  @Test
  void classes_haveNoStateOfTheirOwn() {
    fields().should().beStatic().andShould().beFinal().check(CLASSES);
  }

  @ParameterizedTest
  @CsvSource({
    "io.github.resilience4j., FailsafeBreaker",
    "io.github.resilience4j., FailsafeLimiter",
    "dev.failsafe., Resilience4jBreaker",
    "dev.failsafe., Resilience4jLimiter",
    "io.github.resilience4j.ratelimiter., Resilience4jBreaker",
    "io.github.resilience4j.circuitbreaker., Resilience4jLimiter"
  })
  void oneLibrary_otherIsMissing_works(String missing, String user) throws Exception {
    assertThat(run(missing, user)).isEqualTo(42);
  }

  @Test
  void oneLibrary_itIsMissing_fails() {
    assertThatExceptionOfType(NoClassDefFoundError.class)
        .isThrownBy(() -> run("dev.failsafe.", "FailsafeBreaker"));
  }

  private static Object run(String missing, String user) throws Exception {
    Class<?> type = new WithoutLibrary(missing).loadClass(Users.class.getName() + "$" + user);
    Constructor<?> constructor = type.getDeclaredConstructor();
    constructor.setAccessible(true); // of a package of the same name in another loader
    return ((Callable<?>) constructor.newInstance()).call();
  }

  /** Has classes of its own of this package, and does not find those of a library. */
  private static final class WithoutLibrary extends ClassLoader {

    private final String missing;

    WithoutLibrary(String missing) {
      super(WithoutLibrary.class.getClassLoader());
      this.missing = missing;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith(missing)) {
        throw new ClassNotFoundException(name);
      }
      if (!name.startsWith("dev.heddle.resilience.")) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        return loaded != null ? loaded : define(name);
      }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      try (InputStream file = getResourceAsStream(name.replace('.', '/') + ".class")) {
        if (file == null) {
          throw new ClassNotFoundException(name);
        }
        byte[] bytes = file.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
