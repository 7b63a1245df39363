// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.nativeops;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.heddle.error.ExtensionException;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Where C is called, and what the operations depend on. */
class NativeArchitectureTest {

  private static final JavaClasses CLASSES = new ClassFileImporter().importPath(place());

  private static Path place() {
    try {
      return Path.of(NativeOps.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void restrictedMethods_areCalledByTheLibraryAndItsLoaderAlone() {
    noClasses()
        .that()
        .haveNameNotMatching(".*\\.(Library|LibraryLoader|MemoryFile)")
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(Linker.class, SymbolLookup.class)
        .check(CLASSES);
    noClasses()
        .should()
        .callMethodWhere(target(nameMatching("reinterpret|loadLibrary|load0")))
        .check(CLASSES);
  }

  @Test
  void staticFields_cannotChange() {
    fields().that().areStatic().should().beFinal().check(CLASSES);
  }

  @Test
  void dependencies_areTheExportedPackagesOfTheEngine() {
    Set<String> found =
        CLASSES.stream()
            .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
            .map(dependency -> dependency.getTargetClass().getBaseComponentType())
            .filter(type -> !type.isPrimitive())
            .map(JavaClass::getPackageName)
            .filter(name -> !name.startsWith("java."))
            .collect(Collectors.toSet());
    assertThat(found)
        .containsExactlyInAnyOrder(
            "dev.heddle",
            "dev.heddle.error",
            "dev.heddle.memory",
            "dev.heddle.nativeops",
            "dev.heddle.nativeops.internal",
            "org.jspecify.annotations");
  }

  @Test
  void exceptions_areFinal_underTheRootOfExtensions() {
    assertThat(NativeException.class.getSuperclass()).isEqualTo(ExtensionException.class);
    assertThat(NativeException.class.getPermittedSubclasses())
        .hasSize(4)
        .allMatch(type -> Modifier.isFinal(type.getModifiers()));
  }
}
