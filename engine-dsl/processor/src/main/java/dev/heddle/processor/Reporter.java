// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import java.lang.annotation.Annotation;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import javax.annotation.processing.Messager;
import javax.lang.model.element.AnnotationMirror;
import javax.lang.model.element.AnnotationValue;
import javax.lang.model.element.Element;
import javax.lang.model.element.ExecutableElement;
import javax.tools.Diagnostic.Kind;
import org.jspecify.annotations.Nullable;

/** Tells the compiler what is wrong, at the place where it is. */
final class Reporter {

  private static final int MAX_SHOWN = 128;

  private final Messager messager;
  private final Set<Map.Entry<Element, String>> told = new HashSet<>();
  private int errors;

  Reporter(Messager messager) {
    this.messager = messager;
  }

  /** How many mistakes there were until now. */
  int errors() {
    return errors;
  }

  void error(Element element, String message) {
    if (isNew(element, message)) {
      messager.printMessage(Kind.ERROR, message, element);
    }
  }

  /** A mistake of a set is one, however many of its methods it is found for. */
  private boolean isNew(Element element, String message) {
    errors++;
    return told.add(Map.entry(element, message));
  }

  /** At an annotation of an element. */
  void error(Element element, Class<? extends Annotation> annotation, String message) {
    if (isNew(element, message)) {
      messager.printMessage(Kind.ERROR, message, element, find(element, annotation));
    }
  }

  /** At a value of an annotation of an element; at the annotation if it is the default. */
  void error(
      Element element, Class<? extends Annotation> annotation, String member, String message) {
    if (!isNew(element, message)) {
      return;
    }
    AnnotationMirror mirror = find(element, annotation);
    AnnotationValue value = mirror == null ? null : find(mirror, member);
    if (value == null) {
      messager.printMessage(Kind.ERROR, message, element, mirror);
    } else {
      messager.printMessage(Kind.ERROR, message, element, mirror, value);
    }
  }

  static @Nullable AnnotationMirror find(Element element, Class<? extends Annotation> annotation) {
    for (AnnotationMirror mirror : element.getAnnotationMirrors()) {
      if (mirror.getAnnotationType().toString().equals(annotation.getName())) {
        return mirror;
      }
    }
    return null;
  }

  static @Nullable AnnotationValue find(AnnotationMirror mirror, String member) {
    for (ExecutableElement key : mirror.getElementValues().keySet()) {
      if (key.getSimpleName().contentEquals(member)) {
        return mirror.getElementValues().get(key);
      }
    }
    return null;
  }

  /** A text of the user's in a message: cut, and on one line. */
  static String shown(String text) {
    StringBuilder shown = new StringBuilder("\"");
    text.codePoints()
        .limit(MAX_SHOWN)
        .forEach(
            c -> {
              if (c >= ' ' && c <= '~') {
                shown.append((char) c);
              } else {
                shown.append(String.format("\\u{%x}", c));
              }
            });
    return shown
        .append(text.codePointCount(0, text.length()) > MAX_SHOWN ? "...\"" : "\"")
        .toString();
  }
}
