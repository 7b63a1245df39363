// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import dev.heddle.dsl.TaskSet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.lang.model.element.AnnotationMirror;
import javax.lang.model.element.AnnotationValue;
import javax.lang.model.element.Element;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.ModuleElement;
import javax.lang.model.element.RecordComponentElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.ArrayType;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.type.WildcardType;
import javax.lang.model.util.ElementFilter;
import javax.lang.model.util.Elements;

/**
 * The types of earlier rounds that named something unknown. It may be written by a processor in the
 * meantime; if it never is, the compiler says so, and nothing is made of them.
 */
final class Deferred {

  private static final String OURS = TaskSet.class.getPackageName() + ".";

  /** How javac shows a value that it could not make out; a text would stand in quotes. */
  private static final String ERRONEOUS = "<error>";

  private final Map<String, ModuleElement> waiting = new LinkedHashMap<>();

  /** Returns those that can be read now, of this round and of those before. */
  List<TypeElement> ready(Set<? extends Element> ofThisRound, Elements elements) {
    Set<TypeElement> all = new LinkedHashSet<>();
    waiting.forEach((name, module) -> all.add(elements.getTypeElement(module, name)));
    waiting.clear();
    all.addAll(ElementFilter.typesIn(ofThisRound));
    List<TypeElement> ready = new ArrayList<>();
    for (TypeElement type : all) {
      if (namesUnknown(type)) {
        waiting.put(type.getQualifiedName().toString(), elements.getModuleOf(type));
      } else {
        ready.add(type);
      }
    }
    return ready;
  }

  private static boolean namesUnknown(TypeElement type) {
    if (isErroneous(type)) {
      return true;
    }
    for (RecordComponentElement component : type.getRecordComponents()) {
      if (isErroneous(component) || isUnknown(component.asType())) {
        return true;
      }
    }
    return ElementFilter.methodsIn(type.getEnclosedElements()).stream()
        .anyMatch(Deferred::namesUnknown);
  }

  private static boolean namesUnknown(ExecutableElement method) {
    return isErroneous(method)
        || isUnknown(method.getReturnType())
        || method.getParameters().stream().anyMatch(each -> isUnknown(each.asType()))
        || method.getThrownTypes().stream().anyMatch(Deferred::isUnknown);
  }

  private static boolean isUnknown(TypeMirror type) {
    if (type.getKind() == TypeKind.ERROR) {
      return true;
    }
    return switch (type) {
      case ArrayType array -> isUnknown(array.getComponentType());
      case DeclaredType declared ->
          isUnknown(declared.getEnclosingType())
              || declared.getTypeArguments().stream().anyMatch(Deferred::isUnknown);
      case WildcardType wildcard ->
          (wildcard.getExtendsBound() != null && isUnknown(wildcard.getExtendsBound()))
              || (wildcard.getSuperBound() != null && isUnknown(wildcard.getSuperBound()));
      default -> false;
    };
  }

  /** Whether an annotation of ours has a value that could not be made out. */
  private static boolean isErroneous(Element element) {
    for (AnnotationMirror mirror : element.getAnnotationMirrors()) {
      if (mirror.getAnnotationType().toString().startsWith(OURS)
          && mirror.getElementValues().values().stream().anyMatch(Deferred::isErroneous)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isErroneous(AnnotationValue value) {
    return switch (value.getValue()) {
      case List<?> list ->
          list.stream().anyMatch(each -> each instanceof AnnotationValue of && isErroneous(of));
      case TypeMirror type -> isUnknown(type);
      default -> value.toString().equals(ERRONEOUS);
    };
  }
}
