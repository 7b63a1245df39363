// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import com.palantir.javapoet.ClassName;
import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.TypeName;
import dev.heddle.MemorySize;
import dev.heddle.Setting;
import dev.heddle.dsl.Range;
import dev.heddle.error.ConfigurationException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.RecordComponentElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeMirror;
import org.jspecify.annotations.Nullable;

/** Reads which values a component of settings may have: its type, and its range. */
final class SettingKinds {

  private static final TypeName TEXT = ClassName.get(String.class);
  private static final TypeName DURATION = ClassName.get(Duration.class);
  private static final TypeName SIZE = ClassName.get(MemorySize.class);

  private static final CodeBlock FOREVER =
      CodeBlock.of("$T.ofSeconds($T.MAX_VALUE, 999_999_999)", Duration.class, Long.class);
  private static final CodeBlock ANY_SIZE =
      CodeBlock.of("$T.bytes($T.MAX_VALUE)", MemorySize.class, Long.class);

  private final Reporter reporter;

  SettingKinds(Reporter reporter) {
    this.reporter = reporter;
  }

  /**
   * What a type allows.
   *
   * @param setting the setting, to check with
   * @param code makes it
   */
  record Kind(Setting<?> setting, CodeBlock code) {}

  /** Returns what a component may be; {@code null} if something is wrong. */
  @Nullable Kind read(RecordComponentElement component, String name) {
    TypeMirror type = component.asType();
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
        return of == null
            ? unsupported(component, type)
            : new Kind(of.setting().orOff(), CodeBlock.of("$L.orOff()", of.code()));
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
            Setting.ofBoolean(name), CodeBlock.of("$T.ofBoolean($S)", Setting.class, name));
      }
      if (typeName.equals(TEXT)) {
        return new Kind(Setting.ofText(name), CodeBlock.of("$T.ofText($S)", Setting.class, name));
      }
      if (type instanceof DeclaredType declared
          && declared.asElement().getKind() == ElementKind.ENUM) {
        return enums(component, declared, name);
      }
      return unsupported(component, type);
    } catch (ConfigurationException e) { // the key, or the range
      reporter.error(component, SettingsReader.text(e));
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

  private @Nullable Kind enums(RecordComponentElement component, DeclaredType type, String name) {
    List<String> constants =
        type.asElement().getEnclosedElements().stream()
            .filter(each -> each.getKind() == ElementKind.ENUM_CONSTANT)
            .map(each -> each.getSimpleName().toString())
            .toList();
    if (constants.isEmpty()) {
      reporter.error(
          component,
          "enum of a setting must have constants: "
              + component.getSimpleName()
              + "="
              + type
              + " (declare one, or use another type)");
      return null;
    }
    return new Kind(
        Setting.ofNames(name, constants), // the enum itself is not loaded here
        CodeBlock.of("$T.ofEnum($S, $T.class)", Setting.class, name, TypeName.get(type)));
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
    EngineOption option = EngineOption.ALL.get(any.key());
    if (given.isEmpty()) {
      return option == null ? unlimited : option.end(member).map(any::parse).orElse(unlimited);
    }
    try {
      if (option != null) {
        option.setting().parse(given);
      }
      return any.parse(given);
    } catch (ConfigurationException e) {
      reporter.error(component, Range.class, member, SettingsReader.text(e));
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
      return new Kind(made.get(), code);
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
    return new Kind(any, code);
  }
}
