// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.targetOwner;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import dev.heddle.internal.resource.LimitImpl;
import dev.heddle.internal.resource.ResourcePoolImpl;
import dev.heddle.internal.resource.UsesImpl;
import dev.heddle.internal.timer.CronTimes;
import dev.heddle.internal.util.Seam;
import dev.heddle.internal.worker.ActionTask;
import dev.heddle.internal.worker.AppliedTask;
import dev.heddle.internal.worker.BlockingTask;
import dev.heddle.internal.worker.FallbackTask;
import dev.heddle.internal.worker.TaskEngineImpl;
import dev.heddle.observe.EngineMeters;
import dev.heddle.resource.Limit;
import dev.heddle.resource.ResourcePool;
import dev.heddle.resource.Uses;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires.Modifier;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the list of what may depend on what, and of what the engine must not touch. */
class ArchitectureTest {

  private static final URI PLACE = place();
  private static final JavaClasses ENGINE = new ClassFileImporter().importPath(Path.of(PLACE));
  private static final JavaClasses OFFENDER =
      new ClassFileImporter().importClasses(Offender.class, Offender.MadeOfForbiddenTypes.class);

  private static URI place() {
    try {
      return TaskEngine.class.getProtectionDomain().getCodeSource().getLocation().toURI();
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  // ---- arrows

  /** A new arrow must be put here, and one that is gone must be taken away. */
  private static final Set<String> ARROWS =
      Set.of(
          "dev.heddle -> dev.heddle.error",
          "dev.heddle -> dev.heddle.fork",
          "dev.heddle -> dev.heddle.memory",
          "dev.heddle -> dev.heddle.observe",
          "dev.heddle -> dev.heddle.resource",
          "dev.heddle -> dev.heddle.spi",
          "dev.heddle -> dev.heddle.internal.worker", // by two factories alone: see the next test
          "dev.heddle.observe -> dev.heddle",
          "dev.heddle.resource -> dev.heddle.internal.resource", // by factories and permits alone
          "dev.heddle.internal.resource -> dev.heddle.error",
          "dev.heddle.internal.resource -> dev.heddle.internal.util",
          "dev.heddle.internal.resource -> dev.heddle.resource",
          "dev.heddle.spi -> dev.heddle.error",
          "dev.heddle.internal.worker -> dev.heddle",
          "dev.heddle.internal.worker -> dev.heddle.error",
          "dev.heddle.internal.worker -> dev.heddle.observe",
          "dev.heddle.internal.worker -> dev.heddle.fork",
          "dev.heddle.internal.worker -> dev.heddle.spi",
          "dev.heddle.internal.worker -> dev.heddle.internal.fork",
          "dev.heddle.internal.worker -> dev.heddle.internal.parallel",
          "dev.heddle.internal.worker -> dev.heddle.internal.timer",
          "dev.heddle.internal.worker -> dev.heddle.internal.memory",
          "dev.heddle.internal.worker -> dev.heddle.memory",
          "dev.heddle.internal.worker -> dev.heddle.internal.park",
          "dev.heddle.internal.worker -> dev.heddle.internal.queue",
          "dev.heddle.internal.worker -> dev.heddle.internal.record",
          "dev.heddle.internal.worker -> dev.heddle.internal.resource",
          "dev.heddle.internal.worker -> dev.heddle.resource",
          "dev.heddle.internal.worker -> dev.heddle.internal.util",
          "dev.heddle.internal.fork -> dev.heddle",
          "dev.heddle.internal.fork -> dev.heddle.error",
          "dev.heddle.internal.fork -> dev.heddle.fork",
          "dev.heddle.internal.fork -> dev.heddle.internal.util",
          "dev.heddle.internal.parallel -> dev.heddle.fork",
          "dev.heddle.internal.parallel -> dev.heddle.internal.fork",
          "dev.heddle.internal.memory -> dev.heddle.error",
          "dev.heddle.internal.memory -> dev.heddle.internal.util",
          "dev.heddle.internal.memory -> dev.heddle.memory",
          "dev.heddle.internal.record -> dev.heddle.error",
          "dev.heddle.internal.record -> dev.heddle.internal.util",
          "dev.heddle.internal.timer -> dev.heddle.error",
          "dev.heddle.internal.timer -> dev.heddle.internal.util",
          "dev.heddle.internal.park -> dev.heddle.internal.util",
          "dev.heddle.internal.queue -> dev.heddle.internal.util");

  @Test
  void packages_arrowsBetweenThem_areTheAllowedOnes() {
    Set<String> found =
        ENGINE.stream()
            .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
            .filter(dependency -> isOurs(dependency.getTargetClass()))
            .map(ArchitectureTest::arrow)
            .filter(arrow -> !arrow.isEmpty())
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(found).containsExactlyInAnyOrderElementsOf(ARROWS);
  }

  private static boolean isOurs(JavaClass type) {
    return type.getPackageName().startsWith("dev.heddle");
  }

  private static String arrow(Dependency dependency) {
    String from = dependency.getOriginClass().getPackageName();
    String to = dependency.getTargetClass().getBaseComponentType().getPackageName();
    return from.equals(to) ? "" : from + " -> " + to;
  }

  @Test
  void api_ofTheInternals_onlyFactoriesNameWhatTheyMake() {
    Set<String> found =
        ENGINE.stream()
            .filter(type -> !type.getPackageName().startsWith("dev.heddle.internal"))
            .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
            .filter(
                dependency ->
                    dependency.getTargetClass().getPackageName().startsWith("dev.heddle.internal"))
            .map(
                dependency ->
                    dependency.getOriginClass().getName()
                        + " -> "
                        + dependency.getTargetClass().getName())
            .collect(Collectors.toSet());

    assertThat(found)
        .containsExactlyInAnyOrder(
            TaskEngine.Builder.class.getName() + " -> " + TaskEngineImpl.class.getName(),
            Task.class.getName() + " -> " + ActionTask.class.getName(),
            Task.class.getName() + " -> " + AppliedTask.class.getName(),
            Task.class.getName() + " -> " + BlockingTask.class.getName(),
            Task.class.getName() + " -> " + FallbackTask.class.getName(),
            Limit.class.getName() + " -> " + LimitImpl.class.getName(),
            ResourcePool.class.getName() + " -> " + ResourcePoolImpl.class.getName(),
            Uses.class.getName() + " -> " + UsesImpl.class.getName());
  }

  @Test
  void libraries_ofTheEngine_areTheDeclaredOnes() {
    Set<String> found =
        ENGINE.stream()
            .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
            .map(dependency -> dependency.getTargetClass().getBaseComponentType())
            .filter(type -> !type.isPrimitive() && !isOurs(type))
            .map(JavaClass::getPackageName)
            .map(name -> name.replaceFirst("^(java|io\\.micrometer|com\\.cronutils)\\..*", "$1"))
            .collect(Collectors.toSet());

    assertThat(found)
        .containsExactlyInAnyOrder(
            "java",
            "org.jctools.queues.varhandle",
            "org.jspecify.annotations",
            "io.micrometer",
            "com.cronutils",
            "io.opentelemetry.context",
            "org.slf4j",
            "jdk.jfr");
  }

  // ---- what must not be touched

  static Stream<ArchRule> rules() {
    DescribedPredicate<JavaAccess<?>> wallClock =
        describe(
            "read the wall clock",
            access ->
                targetOwner(assignableTo(System.class))
                        .and(target(nameMatching("currentTimeMillis")))
                        .test(access)
                    || targetOwner(resideInAnyPackage("java.time.."))
                        .and(target(nameMatching("now|systemUTC|systemDefaultZone|system")))
                        .test(access)
                    || targetOwner(assignableTo(Date.class)).test(access));
    return Stream.of(
        noClasses()
            .that()
            .doNotHaveFullyQualifiedName(EngineMeters.class.getName())
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.micrometer.core..")
            .as("only EngineMeters touches Micrometer"),
        onlyOneTouches("dev.heddle.spi.MicrometerPropagation", "io.micrometer.context.."),
        onlyOneTouches("dev.heddle.spi.OpenTelemetryPropagation", "io.opentelemetry.."),
        onlyOneTouches("dev.heddle.spi.MdcPropagation", "org.slf4j.."),
        noClasses()
            .that()
            .doNotHaveFullyQualifiedName(CronTimes.class.getName())
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.cronutils..")
            .as("only CronTimes touches cron-utils"),
        noClasses()
            .that()
            .haveNameNotMatching(".*\\.MemoryEvents(\\$.*)?")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("jdk.jfr..")
            .as("only MemoryEvents touches Flight Recorder, which may be missing"),
        noClasses()
            .should()
            .dependOnClassesThat(
                resideInAnyPackage("sun..", "jdk.internal..", "com.sun..")
                    .or(nameMatching(".*\\.Unsafe|.*Unsafe.*Queue.*")))
            .as("no sun.misc.Unsafe, no internals of the JDK"),
        noClasses()
            .should()
            .callMethod(ForkJoinPool.class, "commonPool")
            .orShould()
            .callMethodWhere(
                targetOwner(assignableTo(CompletableFuture.class))
                    .and(target(nameMatching(".*Async|orTimeout|completeOnTimeout"))))
            .orShould()
            .callMethodWhere(target(nameMatching("parallel|parallelStream")))
            .as("no common pool"),
        noClasses()
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err")
            .orShould()
            .callMethodWhere(target(nameMatching("printStackTrace")))
            .as("no console"),
        noClasses()
            .should()
            .callMethod(System.class, "exit", int.class)
            .orShould()
            .callMethodWhere(
                targetOwner(assignableTo(Runtime.class)).and(target(nameMatching("exit|halt"))))
            .as("no exit"),
        noClasses()
            .that()
            .doNotHaveFullyQualifiedName(Seam.class.getName())
            .should()
            .accessTargetWhere(wallClock)
            .as("the wall clock only in Seam"),
        noClasses()
            .that()
            .doNotHaveFullyQualifiedName(Seam.class.getName())
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(LockSupport.class)
            .orShould()
            .callMethodWhere(
                targetOwner(assignableTo(Thread.class)).and(target(nameMatching("sleep"))))
            .orShould()
            .callMethodWhere(
                targetOwner(assignableTo(TimeUnit.class)).and(target(nameMatching("sleep"))))
            .as("clock and parking only in Seam"),
        noClasses()
            .that()
            .doNotHaveFullyQualifiedName(Seam.class.getName())
            .should()
            .dependOnClassesThat()
            .areAssignableTo(Random.class)
            .orShould()
            .callMethod(Math.class, "random")
            .as("randomness only in Seam"),
        fields().that().areStatic().should().beFinal().as("no static field can change"));
  }

  private static ArchRule onlyOneTouches(String type, String library) {
    return noClasses()
        .that()
        .doNotHaveFullyQualifiedName(type)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .as("only " + type + " touches " + library);
  }

  @ParameterizedTest
  @MethodSource("rules")
  void engine_whatItMustNotTouch_isNotTouched(ArchRule rule) {
    rule.allowEmptyShould(false).check(ENGINE);
  }

  @ParameterizedTest
  @MethodSource("rules")
  void offender_anyRule_isBroken(ArchRule rule) {
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> rule.allowEmptyShould(false).check(OFFENDER))
        .withMessageContaining("Offender");
  }

  /** Breaks each rule, so that each is known to see it. Never run. */
  @SuppressWarnings("unused")
  private static final class Offender {
    private static int changes;

    private Offender() {}

    private static void offend() throws InterruptedException {
      changes++;
      System.out.println(ForkJoinPool.commonPool());
      System.err.println(System.currentTimeMillis() + System.nanoTime());
      System.err.println(Instant.now() + " " + ThreadLocalRandom.current().nextInt());
      LockSupport.parkNanos(1);
      Thread.sleep(1);
      System.exit(1);
    }

    /** Depends on what is forbidden as a type. */
    private record MadeOfForbiddenTypes(
        io.micrometer.core.instrument.MeterRegistry registry,
        com.cronutils.model.Cron cron,
        io.micrometer.context.ContextSnapshot snapshot,
        io.opentelemetry.context.Context context,
        org.slf4j.Logger logger,
        jdk.jfr.Event event,
        com.sun.net.httpserver.Headers sun) {}
  }

  // ---- packages and the module

  @Test
  void packages_all_haveAPackageInfo() {
    Set<String> packages =
        ENGINE.stream().map(JavaClass::getPackageName).collect(Collectors.toSet());

    assertThat(packages).hasSizeGreaterThanOrEqualTo(8);
    assertThat(packages)
        .allSatisfy(
            name ->
                assertThat(
                        Path.of(System.getProperty("basedir", ""), "src", "main", "java")
                            .resolve(name.replace('.', '/'))
                            .resolve("package-info.java"))
                    .isRegularFile());
  }

  @Test
  void module_exports_areTheApi() throws IOException {
    ModuleDescriptor module = descriptor();

    assertThat(module.name()).isEqualTo("dev.heddle");
    assertThat(module.exports())
        .allMatch(export -> !export.isQualified())
        .extracting(ModuleDescriptor.Exports::source)
        .containsExactlyInAnyOrder(
            "dev.heddle",
            "dev.heddle.error",
            "dev.heddle.fork",
            "dev.heddle.memory",
            "dev.heddle.observe",
            "dev.heddle.resource",
            "dev.heddle.spi");
    assertThat(module.opens()).isEmpty();
    assertThat(module.isOpen()).isFalse();
    assertThat(module.provides()).isEmpty();
    assertThat(module.uses()).isEmpty();
  }

  @Test
  void module_requirements_areOneLibraryAndOptionalOnes() throws IOException {
    Set<String> required =
        descriptor().requires().stream()
            .filter(requires -> !requires.modifiers().contains(Modifier.STATIC))
            .map(ModuleDescriptor.Requires::name)
            .collect(Collectors.toSet());
    Set<String> optional =
        descriptor().requires().stream()
            .filter(requires -> requires.modifiers().contains(Modifier.STATIC))
            .map(ModuleDescriptor.Requires::name)
            .collect(Collectors.toSet());

    assertThat(required).containsExactlyInAnyOrder("java.base", "org.jctools.core.jdk11");
    assertThat(optional)
        .containsExactlyInAnyOrder(
            "com.cronutils",
            "context.propagation",
            "io.opentelemetry.context",
            "jdk.jfr",
            "micrometer.core",
            "org.jspecify",
            "org.slf4j");
  }

  private static ModuleDescriptor descriptor() throws IOException {
    try (InputStream in = Files.newInputStream(Path.of(PLACE).resolve("module-info.class"))) {
      return ModuleDescriptor.read(in);
    }
  }
}
