// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.heddle.error.FailureContext;
import dev.heddle.error.TaskException;
import dev.heddle.fork.Fork;
import dev.heddle.fork.ForkBody;
import dev.heddle.fork.ForkDouble;
import dev.heddle.fork.ForkDouble2;
import dev.heddle.fork.ForkInt;
import dev.heddle.fork.ForkLong;
import dev.heddle.fork.ForkLong2;
import dev.heddle.fork.IntLoop;
import dev.heddle.fork.ListLoop;
import dev.heddle.fork.LongLoop;
import dev.heddle.fork.Parallel;
import dev.heddle.fork.SegmentLoop;
import dev.heddle.observe.EngineMeters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.Thread.UncaughtExceptionHandler;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Gives {@code null} to each parameter of each public method and constructor in turn. They are
 * found by reflection: a new method is tested without a line here, or makes this test fail until it
 * knows a value of each of its parameter types.
 */
class NullArgumentTest {

  /** What takes {@code null} by its contract, or is not called by users. */
  private static final Set<String> EXEMPT =
      Set.of(
          // null is a value like any other
          "Outcome.orElse(other)",
          "Task.of(item)",
          "Outcome$Success.<init>(value)",
          "TaskEngine.compute(argument)",
          "IntLoop.reduce(identity)",
          "IntLoop.reduceRange(identity)",
          "LongLoop.reduce(identity)",
          "LongLoop.reduceRange(identity)",
          "ListLoop.reduce(identity)",
          // implemented by users, called by the engine
          "Task.run(context)",
          "TaskAction.run(context)",
          "TaskFunction.apply(item)",
          "TaskFunction.apply(context)",
          // made by the compiler, refuses null in the JDK's words
          "Schedule$Overlap.valueOf(name)",
          "CancelReport$End.valueOf(name)",
          "Explanation$State.valueOf(name)",
          // a result may be null
          "Retry.isForResult(result)");

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  /** Receivers and arguments: the first that fits a type is used for it. */
  private final List<Object> values = new ArrayList<>();

  /** A parameter that gets {@code null}. */
  record Case(Class<?> type, Executable target, int index) {
    String parameter() {
      boolean jdk = target.getDeclaringClass() == Future.class; // compiled without names
      return jdk ? "unit" : target.getParameters()[index].getName();
    }

    String key() {
      String owner = type.getName().substring(type.getPackageName().length() + 1);
      String name = target instanceof Method ? target.getName() : "<init>";
      return owner + "." + name + "(" + parameter() + ")";
    }

    @Override
    public String toString() {
      Stream<String> types = Arrays.stream(target.getParameterTypes()).map(Class::getSimpleName);
      return key() + " of " + types.toList();
    }
  }

  @BeforeEach
  void makeValues() {
    TaskEngine engine = engines.start(1);
    Task<Integer> task = context -> 42;
    TaskAction action = context -> {};
    TaskFunction<Object, Object> taskFunction = (item, context) -> item;
    Runnable runnable = () -> {};
    Callable<Integer> callable = () -> 42;
    ThreadFactory threadFactory = Thread::new;
    UncaughtExceptionHandler handler = (thread, error) -> {};
    Consumer<Object> consumer = value -> {};
    Function<Object, Object> function = value -> value;
    TaskHandle<Integer> handle = engine.submit(task);
    handle.join();
    values.addAll(
        List.of(
            engine,
            TaskEngine.builder(),
            handle,
            engine.submitAll(List.of(task)),
            EngineConfig.defaults(),
            EngineConfig.SETTINGS,
            EngineConfig.SETTINGS.load(Map.of()),
            EngineOptions.WORKERS,
            TaskOptions.defaults(),
            MemorySize.mebibytes(1),
            engine.metrics(),
            Optional.empty(),
            new Outcome.Success<>(42),
            new EngineMeters(engine)));
    values.addAll(
        List.of(
            task,
            action,
            taskFunction,
            runnable,
            callable,
            threadFactory,
            handler,
            consumer,
            function,
            "text",
            Duration.ofSeconds(1),
            TimeUnit.SECONDS,
            java.time.ZoneId.of("UTC"),
            Schedule.fixedRate(Duration.ofHours(1)),
            Schedule.Overlap.SKIP,
            Retry.fixed(Duration.ZERO, 2),
            CancelReport.End.ENDED,
            dev.heddle.observe.Explanation.State.ENDED,
            Integer.class,
            new Class<?>[0],
            dev.heddle.spi.ExecutionStrategy.caller(),
            dev.heddle.spi.OverflowPolicy.reject(),
            dev.heddle.spi.IdleStrategy.adaptive(),
            new dev.heddle.observe.TaskTimes(64, 0, Duration.ZERO, Duration.ZERO),
            engine.openLane(4),
            dev.heddle.error.RejectedTaskException.queueFull("orders", 1),
            new FailureContext(
                "engine",
                1,
                "task",
                1,
                "worker",
                Optional.empty(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                ""),
            Map.of(),
            List.of(),
            new Properties(),
            new Object[0],
            new int[0],
            new long[0],
            new double[0],
            MemorySegment.NULL,
            engine.parallel(),
            engine.parallel().range(0, 1),
            engine.parallel().range(0L, 1L),
            engine.parallel().over(List.of(1)),
            engine.parallel().over(MemorySegment.NULL, 1)));
    values.addAll(List.of(1, 1L, 1.0, true));
    dev.heddle.resource.Limit limit = dev.heddle.resource.Limit.of("limit", 1);
    var pool = dev.heddle.resource.ResourcePool.of("pool", List.of("item"));
    values.addAll(
        List.of(limit, pool, pool.tryAcquire().orElseThrow(), dev.heddle.resource.Uses.none()));
    Fork<Object, Object> fork = (scope, argument) -> argument;
    ForkBody<Object> forkBody = scope -> 42;
    ForkLong forkLong = (scope, argument) -> argument;
    ForkLong2 forkLong2 = (scope, first, second) -> first;
    ForkInt forkInt = (scope, argument) -> argument;
    ForkDouble forkDouble = (scope, argument) -> argument;
    ForkDouble2 forkDouble2 = (scope, first, second) -> first;
    values.addAll(List.of(fork, forkBody, forkLong, forkLong2, forkInt, forkDouble, forkDouble2));
  }

  private Object valueFor(Class<?> type) {
    Class<?> boxed = MethodType.methodType(type).wrap().returnType();
    return values.stream()
        .filter(boxed::isInstance)
        .findFirst()
        .orElseGet(() -> valueThatIsNotUsed(type));
  }

  /** A functional interface's: a call that is refused does not come to use it. */
  private static Object valueThatIsNotUsed(Class<?> type) {
    if (!type.isAnnotationPresent(FunctionalInterface.class)) {
      throw new AssertionError("this test needs a value of " + type);
    }
    return Proxy.newProxyInstance(
        type.getClassLoader(),
        new Class<?>[] {type},
        (proxy, method, arguments) -> {
          throw new AssertionError("must not be called: " + method);
        });
  }

  @ParameterizedTest
  @MethodSource("cases")
  void call_nullArgument_isRefusedByName(Case tried) {
    Throwable thrown = catchThrowable(() -> callWithNull(tried));

    assertThat(thrown).isInstanceOf(NullPointerException.class).hasMessage(tried.parameter());
  }

  private void callWithNull(Case tried) throws Throwable {
    Executable target = tried.target();
    Object[] arguments =
        IntStream.range(0, target.getParameterCount())
            .mapToObj(i -> i == tried.index() ? null : valueFor(target.getParameterTypes()[i]))
            .toArray();
    Object receiver =
        target instanceof Method && !Modifier.isStatic(target.getModifiers())
            ? valueFor(tried.type())
            : null;
    try {
      if (target instanceof Method method) {
        method.invoke(receiver, arguments);
      } else {
        ((Constructor<?>) target).newInstance(arguments);
      }
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  @Test
  void cases_ofThisApi_areFound() throws Exception {
    assertThat(allCases().map(Case::key))
        .contains(
            "TaskEngine.submit(task)",
            "TaskEngine$Builder.threadFactory(threadFactory)",
            "TaskHandle.onComplete(callback)",
            "Parallel.over(list)",
            "IntLoop.forEach(body)",
            "Lease.replace(other)",
            "EngineMeters.<init>(engine)")
        .containsAll(EXEMPT);
  }

  static Stream<Case> cases() throws Exception {
    return allCases().filter(tried -> !EXEMPT.contains(tried.key()));
  }

  private static Stream<Case> allCases() throws Exception {
    return apiTypes().stream()
        .flatMap(
            type ->
                Stream.concat(
                        Arrays.stream(type.getMethods())
                            .filter(method -> isDeclaredFor(type, method)),
                        Arrays.stream(type.getConstructors()))
                    .flatMap(NullArgumentTest::casesOf)
                    .map(found -> new Case(type, found.target(), found.index())));
  }

  private static boolean isDeclaredFor(Class<?> type, Method method) {
    return (method.getDeclaringClass() == type || method.getDeclaringClass() == Future.class)
        && !method.isSynthetic()
        && !method.getName().equals("equals");
  }

  private static Stream<Case> casesOf(Executable target) {
    return IntStream.range(0, target.getParameterCount())
        .filter(i -> !target.getParameterTypes()[i].isPrimitive())
        .mapToObj(i -> new Case(target.getDeclaringClass(), target, i));
  }

  /** The public types of the API packages, without the exceptions, which the engine makes. */
  private static List<Class<?>> apiTypes() throws URISyntaxException {
    Path classes =
        Path.of(TaskEngine.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<Class<?>> types = new ArrayList<>();
    for (String name : List.of("dev.heddle", "dev.heddle.observe", "dev.heddle.resource")) {
      try (Stream<Path> files = Files.list(classes.resolve(name.replace('.', '/')))) {
        files
            .map(file -> file.getFileName().toString())
            .filter(file -> file.endsWith(".class"))
            .map(file -> load(name + "." + file.substring(0, file.indexOf(".class"))))
            .filter(NullArgumentTest::isPublic)
            .forEach(types::add);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    types.addAll( // of dev.heddle.fork what users call
        List.of(Parallel.class, IntLoop.class, LongLoop.class, ListLoop.class, SegmentLoop.class));
    types.addAll( // of dev.heddle.error likewise
        List.of(TaskException.class, FailureContext.class, FailureContext.Parent.class));
    types.sort(Comparator.comparing(Class::getName));
    return types;
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name, false, TaskEngine.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean isPublic(Class<?> type) {
    Class<?> outer = type.getDeclaringClass();
    return Modifier.isPublic(type.getModifiers()) && (outer == null || isPublic(outer));
  }
}
