// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import dev.heddle.TimeText;
import dev.heddle.dsl.Blocking;
import dev.heddle.dsl.Hedge;
import dev.heddle.dsl.Interruptible;
import dev.heddle.dsl.Named;
import dev.heddle.dsl.Retry;
import dev.heddle.dsl.Timeout;
import dev.heddle.processor.TaskSetModel.Options;
import dev.heddle.processor.TaskSetModel.RetryModel;
import java.lang.annotation.Annotation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.annotation.processing.ProcessingEnvironment;
import javax.lang.model.element.AnnotationMirror;
import javax.lang.model.element.AnnotationValue;
import javax.lang.model.element.Element;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.Types;
import org.jspecify.annotations.Nullable;

/** Reads the options of a task: those of its method, and those of its set which it does not say. */
final class OptionsReader {

  /** What only makes sense on a method of a task set, or on one. */
  static final List<Class<? extends Annotation>> ALL =
      List.of(
          Named.class,
          Retry.class,
          Timeout.class,
          Hedge.class,
          Interruptible.class,
          Blocking.class);

  private static final Duration DAY = Duration.ofDays(1);

  private final ProcessingEnvironment environment;
  private final Reporter reporter;

  OptionsReader(ProcessingEnvironment environment, Reporter reporter) {
    this.environment = environment;
    this.reporter = reporter;
  }

  Options read(TypeElement origin, ExecutableElement method) {
    Optional<Duration> timeout = Optional.empty();
    Optional<Duration> total = Optional.empty();
    Element place = place(origin, method, Timeout.class);
    if (place != null) {
      Timeout given = place.getAnnotation(Timeout.class);
      timeout = limit(place, Timeout.class, "value", given.value());
      total = limit(place, Timeout.class, "total", given.total());
      if (given.value().isEmpty() && given.total().isEmpty()) {
        reporter.error(
            place,
            Timeout.class,
            "timeout must limit something: @Timeout on "
                + place
                + " (say how long each attempt may take, or total = how long all together)");
      }
      if (timeout.isPresent() && total.isPresent() && total.get().compareTo(timeout.get()) < 0) {
        reporter.error(
            place,
            Timeout.class,
            "total",
            "total timeout must not be less than that of an attempt: total="
                + given.total()
                + ", value="
                + given.value()
                + " (make it longer, or leave the other out)");
      }
    }
    Optional<Duration> hedge = hedge(origin, method, timeout);
    Optional<RetryModel> retry = retry(origin, method);
    return new Options(
        timeout,
        total,
        hedge,
        retry,
        place(origin, method, Interruptible.class) != null,
        place(origin, method, Blocking.class) != null);
  }

  /** Where an option is said for a method: at itself, or at its set. */
  private static @Nullable Element place(
      TypeElement origin, ExecutableElement method, Class<? extends Annotation> option) {
    if (method.getAnnotation(option) != null) {
      return method;
    }
    return origin.getAnnotation(option) != null ? origin : null;
  }

  private Optional<Duration> hedge(
      TypeElement origin, ExecutableElement method, Optional<Duration> timeout) {
    Element place = place(origin, method, Hedge.class);
    if (place == null) {
      return Optional.empty();
    }
    String given = place.getAnnotation(Hedge.class).value();
    Optional<Duration> delay =
        given.isEmpty()
            ? notATime(place, Hedge.class, "value", given)
            : limit(place, Hedge.class, "value", given);
    if (delay.isPresent() && timeout.isPresent() && delay.get().compareTo(timeout.get()) >= 0) {
      reporter.error(
          place,
          Hedge.class,
          "value",
          "hedge must begin before the timeout: hedge="
              + given
              + ", timeout="
              + timeout.get()
              + " (make it shorter, or leave it out)");
    }
    return delay;
  }

  private Optional<RetryModel> retry(TypeElement origin, ExecutableElement method) {
    Element place = place(origin, method, Retry.class);
    if (place == null) {
      return Optional.empty();
    }
    Retry given = place.getAnnotation(Retry.class);
    if (given.max() < 2) {
      wrong(
          place,
          "max",
          "retry must allow 2 attempts or more: max=" + given.max(),
          "leave @Retry out for one attempt");
    }
    Duration delay = time(place, Retry.class, "delay", given.delay()).orElse(Duration.ZERO);
    if (delay.compareTo(DAY) > 0) {
      wrong(
          place,
          "delay",
          "delay must be at most a day: delay=" + given.delay(),
          "schedule another task for what is later");
    }
    if (!(given.factor() >= 1 && given.factor() <= 100)) {
      wrong(
          place,
          "factor",
          "factor must be 1 to 100: factor=" + given.factor(),
          "use 1 for equal delays, 2 for doubled ones");
    }
    if (!(given.jitter() >= 0 && given.jitter() <= 1)) {
      wrong(
          place,
          "jitter",
          "jitter must be 0 to 1: jitter=" + given.jitter(),
          "use 0.5 for delays that are up to a half shorter");
    }
    Optional<Duration> maxDelay = optionalTime(place, "maxDelay", given.maxDelay());
    if (maxDelay.isPresent()
        && (maxDelay.get().compareTo(delay) < 0 || maxDelay.get().compareTo(DAY) > 0)) {
      wrong(
          place,
          "maxDelay",
          "maxDelay must be at least the delay, and at most a day: maxDelay="
              + given.maxDelay()
              + ", delay="
              + given.delay(),
          "make it longer, or the delay shorter");
    }
    Optional<Duration> maxTime = optionalTime(place, "maxTime", given.maxTime());
    if (given.max() == Retry.UNLIMITED && given.maxTime().isEmpty()) {
      wrong(
          place,
          "max",
          "unlimited retry must have a limit of time: max=UNLIMITED, maxTime=\"\"",
          "add maxTime, or say how many attempts");
    }
    List<TypeMirror> on = errors(place, method, "on");
    List<TypeMirror> unless = errors(place, method, "unless");
    Types types = environment.getTypeUtils();
    for (TypeMirror type : on) {
      if (unless.stream().anyMatch(other -> types.isSubtype(type, other))) {
        wrong(
            place,
            "on",
            "error must not be both on and unless: type=" + type,
            "take it out of one of them");
      }
    }
    return Optional.of(
        new RetryModel(
            given.max(), delay, given.factor(), maxDelay, given.jitter(), maxTime, on, unless));
  }

  private void wrong(Element place, String member, String rule, String fix) {
    reporter.error(place, Retry.class, member, rule + " (" + fix + ")");
  }

  /** The classes of a member, each of which the method must be able to throw. */
  private List<TypeMirror> errors(Element place, ExecutableElement method, String member) {
    AnnotationMirror mirror = Reporter.find(place, Retry.class);
    AnnotationValue value = mirror == null ? null : Reporter.find(mirror, member);
    List<TypeMirror> found = new ArrayList<>();
    if (value == null) {
      return found;
    }
    for (Object each : (List<?>) value.getValue()) {
      TypeMirror type = (TypeMirror) ((AnnotationValue) each).getValue();
      if (Placement.hidden(type, Placement.packageOf(place)).isPresent()) {
        wrong(
            place,
            member,
            "error must not be private, or protected elsewhere: " + member + "=" + type,
            "what is written has to see it");
      }
      if (found.stream().anyMatch(other -> environment.getTypeUtils().isSameType(type, other))) {
        wrong(place, member, "error must be given once: " + member + "=" + type, "take one out");
      }
      found.add(type);
      if (place == method && isChecked(type) && !declares(method, type)) {
        wrong(
            place,
            member,
            "checked exception must be one that the method declares: "
                + member
                + "="
                + type
                + ", method="
                + method,
            "add it to its throws clause, or take it out here");
      }
    }
    return found;
  }

  /** Not so of the two that stand for unchecked ones, too. */
  private boolean isChecked(TypeMirror type) {
    return Supertypes.isChecked(environment, type)
        && !type.toString().equals(Exception.class.getName())
        && !type.toString().equals(Throwable.class.getName());
  }

  private boolean declares(ExecutableElement method, TypeMirror type) {
    Types types = environment.getTypeUtils();
    return method.getThrownTypes().stream()
        .anyMatch(thrown -> types.isSubtype(type, thrown) || types.isSubtype(thrown, type));
  }

  // ---- times

  private Optional<Duration> optionalTime(Element place, String member, String text) {
    return text.isEmpty() ? Optional.empty() : time(place, Retry.class, member, text);
  }

  /** A time of more than zero; empty if none is given, or if it is wrong. */
  private Optional<Duration> limit(
      Element place, Class<? extends Annotation> option, String member, String text) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Optional<Duration> time = time(place, option, member, text);
    if (time.isPresent() && time.get().isZero()) {
      reporter.error(
          place,
          option,
          member,
          "time must be more than zero: "
              + member
              + "="
              + Reporter.shown(text)
              + " (leave it out for no limit)");
      return Optional.empty();
    }
    return time;
  }

  private Optional<Duration> time(
      Element place, Class<? extends Annotation> option, String member, String text) {
    Optional<Duration> time = TimeText.parse(text);
    return time.isPresent() ? time : notATime(place, option, member, text);
  }

  private Optional<Duration> notATime(
      Element place, Class<? extends Annotation> option, String member, String text) {
    reporter.error(
        place,
        option,
        member,
        "time must be a whole number and a unit: "
            + member
            + "="
            + Reporter.shown(text)
            + " (write 250ms, 2s, 5m or 1h, or PT0.25S)");
    return Optional.empty();
  }
}
