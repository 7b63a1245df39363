// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.TypeName;
import dev.heddle.EngineConfig;
import dev.heddle.EngineOptions;
import dev.heddle.Setting;
import dev.heddle.Settings;
import dev.heddle.dsl.Default;
import dev.heddle.dsl.EngineSettings;
import dev.heddle.dsl.Range;
import dev.heddle.error.ConfigurationException;
import dev.heddle.error.ConfigurationException.Problem;
import dev.heddle.processor.SettingKinds.Kind;
import dev.heddle.processor.SettingsModel.Component;
import dev.heddle.processor.SettingsModel.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.annotation.processing.ProcessingEnvironment;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.RecordComponentElement;
import javax.lang.model.element.TypeElement;
import org.jspecify.annotations.Nullable;

/**
 * Reads a record with settings and checks it, by the rules of the settings themselves; all that is
 * wrong is told at once, each at its place.
 */
final class SettingsReader {

  /** What a constant of the class file may hold, whatever its characters are. */
  private static final int MAX_MEANING = 20_000;

  private static final Pattern PARAMETER = Pattern.compile("@param\\s+(\\w+)(.*)");
  private static final Pattern INLINE_TAG = Pattern.compile("\\{@\\w+\\s+([^}]*)}");

  private final ProcessingEnvironment environment;
  private final Reporter reporter;
  private final SettingKinds kinds;

  SettingsReader(ProcessingEnvironment environment, Reporter reporter) {
    this.environment = environment;
    this.reporter = reporter;
    this.kinds = new SettingKinds(reporter);
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
        origin, origin.getSimpleName() + "Loader", Placement.access(origin), prefix, components);
  }

  private void checkPrefix(TypeElement origin, String prefix) {
    try {
      Settings.of(prefix, List.of());
    } catch (ConfigurationException e) {
      reporter.error(origin, EngineSettings.class, "value", text(e));
    }
  }

  static String text(ConfigurationException e) {
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
      if (given != null && EngineOption.ALL.containsKey(name)) {
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
    EngineOption option = EngineOption.ALL.get(name);
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
    Kind kind = kinds.read(component, name);
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
      checkDefault(component, setting, given.value());
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
    try {
      kind.setting().parse(text.get());
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

  private void checkDefault(RecordComponentElement component, Setting<?> setting, String text) {
    try {
      setting.parse(text);
    } catch (ConfigurationException e) {
      reporter.error(component, Default.class, "value", text(e));
    }
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
