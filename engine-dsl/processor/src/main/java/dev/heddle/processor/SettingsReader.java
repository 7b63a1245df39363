// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import com.palantir.javapoet.ClassName;
import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.ParameterizedTypeName;
import com.palantir.javapoet.TypeName;
import dev.heddle.EngineConfig;
import dev.heddle.EngineOptions;
import dev.heddle.MemorySize;
import dev.heddle.Setting;
import dev.heddle.Settings;
import dev.heddle.dsl.Default;
import dev.heddle.dsl.EngineSettings;
import dev.heddle.dsl.Range;
import dev.heddle.error.ConfigurationException;
import dev.heddle.error.ConfigurationException.Problem;
import dev.heddle.processor.SettingsModel.Component;
import dev.heddle.processor.SettingsModel.Place;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.annotation.processing.ProcessingEnvironment;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.RecordComponentElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import org.jspecify.annotations.Nullable;

/**
 * Reads a record with settings and checks it, by the rules of the settings themselves; all that is
 * wrong is told at once, each at its place.
 */
final class SettingsReader {

  /** What a constant of the class file may hold, whatever its characters are. */
  private static final int MAX_MEANING = 20_000;

  private static final TypeName TEXT = ClassName.get(String.class);
  private static final TypeName DURATION = ClassName.get(Duration.class);
  private static final TypeName SIZE = ClassName.get(MemorySize.class);

  private static final CodeBlock FOREVER =
      CodeBlock.of("$T.ofSeconds($T.MAX_VALUE, 999_999_999)", Duration.class, Long.class);
  private static final CodeBlock ANY_SIZE =
      CodeBlock.of("$T.bytes($T.MAX_VALUE)", MemorySize.class, Long.class);

  private static final Pattern PARAMETER = Pattern.compile("@param\\s+(\\w+)(.*)");
  private static final Pattern INLINE_TAG = Pattern.compile("\\{@\\w+\\s+([^}]*)}");

  /** An option of the engine. */
  record EngineOption(String constant, TypeName type, Setting<?> setting) {
    static EngineOption of(String constant, Class<?> type, Setting<?> setting) {
      return new EngineOption(constant, TypeName.get(type), setting);
    }

    /** The text of its least or greatest value. */
    Optional<String> end(String member) {
      Optional<?> end = member.equals("min") ? setting.min() : setting.max();
      return end.map(Object::toString);
    }
  }

  static final Map<String, EngineOption> ENGINE =
      Map.ofEntries(
          Map.entry("name", EngineOption.of("NAME", String.class, EngineOptions.NAME)),
          Map.entry("workers", EngineOption.of("WORKERS", int.class, EngineOptions.WORKERS)),
          Map.entry(
              "queueCapacity",
              EngineOption.of("QUEUE_CAPACITY", int.class, EngineOptions.QUEUE_CAPACITY)),
          Map.entry("memory", EngineOption.of("MEMORY", MemorySize.class, EngineOptions.MEMORY)),
          Map.entry(
              "workStealing",
              EngineOption.of("WORK_STEALING", boolean.class, EngineOptions.WORK_STEALING)),
          Map.entry(
              "blockingLimit",
              EngineOption.of("BLOCKING_LIMIT", int.class, EngineOptions.BLOCKING_LIMIT)),
          Map.entry(
              "compensationLimit",
              EngineOption.of("COMPENSATION_LIMIT", int.class, EngineOptions.COMPENSATION_LIMIT)),
          Map.entry(
              "retryBudget",
              EngineOption.of("RETRY_BUDGET", int.class, EngineOptions.RETRY_BUDGET)),
          Map.entry(
              "exactSamples",
              EngineOption.of("EXACT_SAMPLES", boolean.class, EngineOptions.EXACT_SAMPLES)),
          Map.entry(
              "memoryChecks",
              EngineOption.of("MEMORY_CHECKS", boolean.class, EngineOptions.MEMORY_CHECKS)),
          Map.entry(
              "isolateThreadLocals",
              EngineOption.of(
                  "ISOLATE_THREAD_LOCALS", boolean.class, EngineOptions.ISOLATE_THREAD_LOCALS)),
          Map.entry(
              "closeOnExit",
              new EngineOption(
                  "CLOSE_ON_EXIT",
                  ParameterizedTypeName.get(Optional.class, Duration.class),
                  EngineOptions.CLOSE_ON_EXIT)));

  private final ProcessingEnvironment environment;
  private final Reporter reporter;

  SettingsReader(ProcessingEnvironment environment, Reporter reporter) {
    this.environment = environment;
    this.reporter = reporter;
  }

  /** Returns what a record says; {@code null} if something is wrong. */
  @Nullable SettingsModel read(TypeElement origin) {
    int before = reporter.errors();
    if (origin.getKind() != ElementKind.RECORD) {
      reporter.error(
          origin,
          EngineSettings.class,
          "settings must be a record: "
              + origin.getSimpleName()
              + " (declare one component a setting)");
      return null;
    }
    if (!origin.getTypeParameters().isEmpty()) {
      reporter.error(
          origin, "settings must not be generic: " + origin + " (give each component its type)");
    }
    Placement.checkType(origin, "settings", reporter);
    String prefix = origin.getAnnotation(EngineSettings.class).value();
    checkPrefix(origin, prefix);
    List<Component> components = components(origin);
    if (reporter.errors() > before) {
      return null;
    }
    return new SettingsModel(
        origin,
        environment.getElementUtils().getPackageOf(origin).getQualifiedName().toString(),
        origin.getSimpleName() + "Loader",
        origin.getModifiers().contains(Modifier.PUBLIC) ? List.of(Modifier.PUBLIC) : List.of(),
        prefix,
        components);
  }

  private void checkPrefix(TypeElement origin, String prefix) {
    try {
      Settings.of(prefix, List.of());
    } catch (ConfigurationException e) {
      reporter.error(origin, EngineSettings.class, "value", text(e));
    }
  }

  private static String text(ConfigurationException e) {
    return e.problems().stream().map(Problem::toString).collect(Collectors.joining("; "));
  }

  // ---- components

  private List<Component> components(TypeElement origin) {
    Map<String, String> meanings = meanings(origin);
    Map<String, Element> byKey = new HashMap<>();
    Map<String, String> engineDefaults = new HashMap<>();
    List<Component> components = new ArrayList<>();
    for (RecordComponentElement component : origin.getRecordComponents()) {
      String name = component.getSimpleName().toString();
      Element other = byKey.putIfAbsent(name.replace("_", "").toLowerCase(Locale.ROOT), component);
      if (other != null) {
        reporter.error(
            component,
            "setting must have a key of its own, upper and lower case and _ alike: name="
                + name
                + ", other="
                + other.getSimpleName()
                + " (rename one of them)");
      }
      Component read = component(component, name, Optional.ofNullable(meanings.get(name)));
      if (read != null) {
        components.add(read);
      }
      Default given = component.getAnnotation(Default.class);
      if (given != null && ENGINE.containsKey(name)) {
        engineDefaults.put("heddle." + name, given.value());
      }
    }
    if (byKey.isEmpty()) {
      reporter.error(
          origin,
          "settings must have a component: " + origin.getSimpleName() + " (declare one a setting)");
    }
    checkTogether(origin, engineDefaults);
    return components;
  }

  /** Whether the defaults of the engine's options fit together, as far as they are said. */
  private void checkTogether(TypeElement origin, Map<String, String> engineDefaults) {
    if (!engineDefaults.containsKey("heddle.workers")
        || !engineDefaults.containsKey("heddle.memory")) {
      return; // the number of workers depends on the machine
    }
    try {
      EngineConfig.load(
          Map.of(
              "heddle.workers", engineDefaults.get("heddle.workers"),
              "heddle.memory", engineDefaults.get("heddle.memory")));
    } catch (ConfigurationException e) {
      for (Problem problem : e.problems()) {
        if (problem.path().equals("memory")) { // else it has been told at its component
          reporter.error(origin, problem.toString());
        }
      }
    }
  }

  private @Nullable Component component(
      RecordComponentElement component, String name, Optional<String> meaning) {
    EngineOption option = ENGINE.get(name);
    TypeName type = TypeName.get(component.asType());
    if (option != null && !option.type().equals(type)) {
      reporter.error(
          component,
          "option of the engine must have its type: "
              + name
              + "="
              + type
              + " (make it "
              + option.type()
              + ", or give it another name)");
      return null;
    }
    Range range = component.getAnnotation(Range.class);
    if (range != null && range.min().isEmpty() && range.max().isEmpty()) {
      reporter.error(
          component,
          Range.class,
          "range must have an end: @Range on " + name + " (say min or max, or take it off)");
    }
    Kind kind = kind(component, name);
    if (kind == null) {
      return null;
    }
    Setting<?> setting = kind.setting();
    CodeBlock code = kind.code();
    if (option != null && range == null) {
      setting = option.setting();
      code = CodeBlock.of("$T.$L", EngineOptions.class, option.constant());
    }
    Default given = component.getAnnotation(Default.class);
    if (given != null) {
      checkDefault(component, kind, setting, given.value());
      code = byDefault(code, given.value());
    } else if (option != null && range != null) {
      code = byDefault(component, code, kind, option);
    }
    Optional<String> said =
        option != null && range != null // so that it is a setting of its own
            ? meaning.or(() -> Optional.of(option.setting().meaning()))
            : meaning;
    if (said.isPresent()) {
      checkMeaning(component, said.get());
      code = CodeBlock.of("$L.meaning($L)", code, Written.literal(said.get()));
    }
    Place place =
        option == null
            ? Place.PROGRAM
            : name.equals("closeOnExit") ? Place.ENGINE_OPTIONAL : Place.ENGINE;
    return new Component(name, TaskSetReader.constant(name), type.box(), code, place);
  }

  private static CodeBlock byDefault(CodeBlock code, String text) {
    return CodeBlock.of("$L.byDefault($L)", code, Written.literal(text));
  }

  /** The engine's own default, which must be in the range. */
  private CodeBlock byDefault(
      RecordComponentElement component, CodeBlock code, Kind kind, EngineOption option) {
    Optional<String> text = option.setting().defaultText();
    if (text.isEmpty()) {
      reporter.error(
          component,
          Range.class,
          "range must come with a default where the engine's depends on the machine: @Range on "
              + component.getSimpleName()
              + " (add @Default)");
      return code;
    }
    Setting<?> setting = kind.setting();
    try {
      if (setting != null) {
        setting.parse(text.get());
      }
    } catch (ConfigurationException e) {
      reporter.error(
          component, Range.class, "default of the engine must be in the range: " + text(e));
    }
    return byDefault(code, text.get());
  }

  private void checkMeaning(RecordComponentElement component, String meaning) {
    if (meaning.length() > MAX_MEANING) {
      reporter.error(
          component,
          "documentation of a setting must be at most "
              + MAX_MEANING
              + " characters: "
              + component.getSimpleName()
              + "="
              + meaning.length()
              + " (say the rest elsewhere)");
    }
  }

  private void checkDefault(
      RecordComponentElement component, Kind kind, @Nullable Setting<?> setting, String text) {
    if (setting == null) {
      if (!isOneOf(kind.constants(), text.strip())) {
        reporter.error(
            component,
            Default.class,
            "value",
            component.getSimpleName()
                + " must be one of "
                + String.join(", ", kind.constants())
                + ": "
                + component.getSimpleName()
                + "="
                + Reporter.shown(text)
                + " (write one of them)");
      }
      return;
    }
    try {
      setting.parse(text);
    } catch (ConfigurationException e) {
      reporter.error(component, Default.class, "value", text(e));
    }
  }

  /** Whether a text means a constant, as for {@link Setting#ofEnum}. */
  private static boolean isOneOf(List<String> constants, String text) {
    return constants.contains(text)
        || constants.stream().filter(each -> plain(each).equalsIgnoreCase(plain(text))).count()
            == 1;
  }

  private static String plain(String name) {
    return name.replace("-", "").replace("_", "");
  }

  // ---- kinds

  /**
   * What a type allows.
   *
   * @param setting the setting, to check with; {@code null} for an enum, which is not loaded here
   * @param code makes it
   * @param constants of an enum
   */
  private record Kind(@Nullable Setting<?> setting, CodeBlock code, List<String> constants) {}

  private @Nullable Kind kind(RecordComponentElement component, String name) {
    TypeMirror type = component.asType();
    if (type.getKind() == TypeKind.ERROR) {
      return null; // the compiler says so
    }
    Placement.checkVisible(component, type, "setting", reporter);
    try {
      if (type instanceof DeclaredType optional
          && isOptional(optional)
          && optional.getTypeArguments().size() == 1) {
        TypeName value = TypeName.get(optional.getTypeArguments().getFirst());
        Kind of =
            value.equals(DURATION)
                ? durations(component, name)
                : value.equals(SIZE) ? sizes(component, name) : null;
        return of == null || of.setting() == null
            ? unsupported(component, type)
            : new Kind(of.setting().orOff(), CodeBlock.of("$L.orOff()", of.code()), List.of());
      }
      TypeName typeName = TypeName.get(type);
      if (typeName.equals(TypeName.INT)) {
        return ints(component, name);
      }
      if (typeName.equals(TypeName.LONG)) {
        return longs(component, name);
      }
      if (typeName.equals(TypeName.DOUBLE)) {
        return doubles(component, name);
      }
      if (typeName.equals(DURATION)) {
        return durations(component, name);
      }
      if (typeName.equals(SIZE)) {
        return sizes(component, name);
      }
      refuseRange(component, type);
      if (typeName.equals(TypeName.BOOLEAN)) {
        return new Kind(
            Setting.ofBoolean(name),
            CodeBlock.of("$T.ofBoolean($S)", Setting.class, name),
            List.of());
      }
      if (typeName.equals(TEXT)) {
        return new Kind(
            Setting.ofText(name), CodeBlock.of("$T.ofText($S)", Setting.class, name), List.of());
      }
      if (type instanceof DeclaredType declared
          && declared.asElement().getKind() == ElementKind.ENUM) {
        return enums(component, declared, name);
      }
      return unsupported(component, type);
    } catch (ConfigurationException e) { // the key, or the range
      reporter.error(component, text(e));
      return null;
    }
  }

  private static boolean isOptional(DeclaredType type) {
    return ((TypeElement) type.asElement())
        .getQualifiedName()
        .contentEquals(Optional.class.getName());
  }

  private @Nullable Kind unsupported(RecordComponentElement component, TypeMirror type) {
    reporter.error(
        component,
        "type of a setting must be an int, long, double, boolean, String, Duration, MemorySize or"
            + " enum, or an Optional of a Duration or MemorySize: "
            + component.getSimpleName()
            + "="
            + type
            + " (read it as one of them, and make the other of it)");
    return null;
  }

  private void refuseRange(RecordComponentElement component, TypeMirror type) {
    if (component.getAnnotation(Range.class) != null) {
      reporter.error(
          component,
          Range.class,
          "range must be on a number, a duration or a size: "
              + component.getSimpleName()
              + "="
              + type
              + " (take it off)");
    }
  }

  private Kind ints(RecordComponentElement component, String name) {
    Setting<Integer> any = Setting.ofInt(name, Integer.MIN_VALUE, Integer.MAX_VALUE);
    int min = end(component, any, "min", Range::min, Integer.MIN_VALUE);
    int max = end(component, any, "max", Range::max, Integer.MAX_VALUE);
    return kind(
        component,
        any,
        min <= max,
        () -> Setting.ofInt(name, min, max),
        CodeBlock.of("$T.ofInt($S, $L, $L)", Setting.class, name, min, max));
  }

  private Kind longs(RecordComponentElement component, String name) {
    Setting<Long> any = Setting.ofLong(name, Long.MIN_VALUE, Long.MAX_VALUE);
    long min = end(component, any, "min", Range::min, Long.MIN_VALUE);
    long max = end(component, any, "max", Range::max, Long.MAX_VALUE);
    return kind(
        component,
        any,
        min <= max,
        () -> Setting.ofLong(name, min, max),
        CodeBlock.of("$T.ofLong($S, $LL, $LL)", Setting.class, name, min, max));
  }

  private Kind doubles(RecordComponentElement component, String name) {
    Setting<Double> any = Setting.ofDouble(name, -Double.MAX_VALUE, Double.MAX_VALUE);
    double min = end(component, any, "min", Range::min, -Double.MAX_VALUE);
    double max = end(component, any, "max", Range::max, Double.MAX_VALUE);
    return kind(
        component,
        any,
        min <= max,
        () -> Setting.ofDouble(name, min, max),
        CodeBlock.of("$T.ofDouble($S, $L, $L)", Setting.class, name, min, max));
  }

  private Kind durations(RecordComponentElement component, String name) {
    Duration forever = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);
    Setting<Duration> any = Setting.ofDuration(name, Duration.ZERO, forever);
    Duration min = end(component, any, "min", Range::min, Duration.ZERO);
    Duration max = end(component, any, "max", Range::max, forever);
    return kind(
        component,
        any,
        min.compareTo(max) <= 0,
        () -> Setting.ofDuration(name, min, max),
        CodeBlock.of(
            "$T.ofDuration($S, $L, $L)",
            Setting.class,
            name,
            TaskSetWriter.duration(min),
            max.equals(forever) ? FOREVER : TaskSetWriter.duration(max)));
  }

  private Kind sizes(RecordComponentElement component, String name) {
    MemorySize most = MemorySize.bytes(Long.MAX_VALUE);
    Setting<MemorySize> any = Setting.ofSize(name, MemorySize.bytes(0), most);
    MemorySize min = end(component, any, "min", Range::min, MemorySize.bytes(0));
    MemorySize max = end(component, any, "max", Range::max, most);
    return kind(
        component,
        any,
        min.compareTo(max) <= 0,
        () -> Setting.ofSize(name, min, max),
        CodeBlock.of(
            "$T.ofSize($S, $L, $L)",
            Setting.class,
            name,
            size(min),
            max.equals(most) ? ANY_SIZE : size(max)));
  }

  private static CodeBlock size(MemorySize size) {
    return CodeBlock.of("$T.bytes($LL)", MemorySize.class, size.bytes());
  }

  private Kind enums(RecordComponentElement component, DeclaredType type, String name) {
    List<String> constants =
        type.asElement().getEnclosedElements().stream()
            .filter(each -> each.getKind() == ElementKind.ENUM_CONSTANT)
            .map(each -> each.getSimpleName().toString())
            .collect(Collectors.toList());
    if (constants.isEmpty()) {
      reporter.error(
          component,
          "enum of a setting must have constants: "
              + component.getSimpleName()
              + "="
              + type
              + " (declare one, or use another type)");
    }
    Setting.ofText(name); // looks at the key
    return new Kind(
        null,
        CodeBlock.of("$T.ofEnum($S, $T.class)", Setting.class, name, TypeName.get(type)),
        constants);
  }

  /** The end of a range; an option of the engine must not allow more than the engine does. */
  private <T> T end(
      RecordComponentElement component,
      Setting<T> any,
      String member,
      Function<Range, String> text,
      T unlimited) {
    Range range = component.getAnnotation(Range.class);
    if (range == null) {
      return unlimited;
    }
    String given = text.apply(range);
    EngineOption option = ENGINE.get(any.key());
    if (given.isEmpty()) {
      return option == null ? unlimited : option.end(member).map(any::parse).orElse(unlimited);
    }
    try {
      if (option != null) {
        option.setting().parse(given);
      }
      return any.parse(given);
    } catch (ConfigurationException e) {
      reporter.error(component, Range.class, member, text(e));
      return unlimited;
    }
  }

  private <T> Kind kind(
      RecordComponentElement component,
      Setting<T> any,
      boolean inOrder,
      Supplier<Setting<T>> made,
      CodeBlock code) {
    if (inOrder) {
      return new Kind(made.get(), code, List.of());
    }
    Range range = component.getAnnotation(Range.class);
    reporter.error(
        component,
        Range.class,
        "range must go from the less to the greater value: min="
            + Reporter.shown(range.min())
            + ", max="
            + Reporter.shown(range.max())
            + " (change one of them)");
    return new Kind(any, code, List.of());
  }

  // ---- documentation

  /** What the comment of a record says of its components, without tags and on one line. */
  private Map<String, String> meanings(TypeElement origin) {
    String comment = environment.getElementUtils().getDocComment(origin);
    Map<String, String> meanings = new HashMap<>();
    String component = "";
    for (String line : comment == null ? List.<String>of() : comment.lines().toList()) {
      Matcher parameter = PARAMETER.matcher(line.strip());
      if (parameter.matches()) {
        component = parameter.group(1);
        meanings.put(component, parameter.group(2));
      } else if (line.stripLeading().startsWith("@")) {
        component = "";
      } else {
        meanings.computeIfPresent(component, (name, text) -> text + " " + line);
      }
    }
    meanings.replaceAll(
        (name, text) -> INLINE_TAG.matcher(text).replaceAll("$1").strip().replaceAll("\\s+", " "));
    meanings.values().removeIf(String::isEmpty);
    return meanings;
  }
}
