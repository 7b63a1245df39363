// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import com.palantir.javapoet.TypeName;
import dev.heddle.dsl.ForkFunction;
import dev.heddle.fork.ForkScope;
import dev.heddle.processor.ForkModel.Parameter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.annotation.processing.ProcessingEnvironment;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.ElementFilter;
import org.jspecify.annotations.Nullable;

/** Reads a function that forks and checks it. */
final class ForkReader {

  private static final TypeName SCOPE = TypeName.get(ForkScope.class);

  /** Arguments of a method at most, two of them of a join for each parameter. */
  private static final int MAX_PARAMETERS = 32;

  private final ProcessingEnvironment environment;
  private final Reporter reporter;

  ForkReader(ProcessingEnvironment environment, Reporter reporter) {
    this.environment = environment;
    this.reporter = reporter;
  }

  /** Returns what an interface says; {@code null} if something is wrong. */
  @Nullable ForkModel read(TypeElement origin) {
    int before = reporter.errors();
    if (origin.getKind() != ElementKind.INTERFACE) {
      reporter.error(
          origin,
          ForkFunction.class,
          "fork function must be an interface: "
              + origin.getSimpleName()
              + " (declare its method in an interface, and keep a lambda of that in a constant)");
      return null;
    }
    if (!origin.getTypeParameters().isEmpty()) {
      reporter.error(
          origin,
          "fork function must not be generic: " + origin + " (give its parameters their types)");
    }
    if (!origin.getInterfaces().isEmpty()) {
      reporter.error(
          origin,
          "fork function must not extend interfaces: "
              + origin.getSimpleName()
              + " (declare the method here)");
    }
    Placement.checkType(origin, "fork function", reporter);
    List<ExecutableElement> methods =
        ElementFilter.methodsIn(origin.getEnclosedElements()).stream()
            .filter(method -> method.getModifiers().contains(Modifier.ABSTRACT))
            .toList();
    if (methods.size() != 1) {
      reporter.error(
          origin,
          "fork function must have one abstract method: "
              + origin.getSimpleName()
              + "="
              + methods.size()
              + " (declare one interface a function)");
      return null;
    }
    ExecutableElement method = methods.getFirst();
    checkMethod(method);
    List<Parameter> parameters = parameters(method);
    if (reporter.errors() > before) {
      return null;
    }
    return new ForkModel(
        origin,
        Placement.access(origin),
        method.getSimpleName().toString(),
        Nullness.of(method.getReturnType()),
        parameters);
  }

  private void checkMethod(ExecutableElement method) {
    if (!method.getTypeParameters().isEmpty()) {
      reporter.error(
          method,
          "fork function must not be generic: " + method + " (give its parameters their types)");
    }
    TypeMirror result = method.getReturnType();
    switch (result.getKind()) {
      case VOID, BOOLEAN, BYTE, SHORT, CHAR, FLOAT ->
          reporter.error(
              method,
              "result of a fork function must be an int, a long, a double or an object: result="
                  + result
                  + " (return one of them)");
      default -> Placement.checkVisible(method, result, "result", reporter);
    }
    for (TypeMirror thrown : method.getThrownTypes()) {
      if (Supertypes.isChecked(environment, thrown)) {
        reporter.error(
            method,
            "fork function must not throw checked exceptions: throws="
                + thrown
                + " (wrap it in an unchecked one)");
      }
    }
  }

  private List<Parameter> parameters(ExecutableElement method) {
    List<? extends VariableElement> all = method.getParameters();
    if (all.isEmpty() || !TypeName.get(all.getFirst().asType()).equals(SCOPE)) {
      reporter.error(
          all.isEmpty() ? method : all.getFirst(),
          "first parameter of a fork function must be the scope: "
              + method
              + " (begin with ForkScope scope)");
      return List.of();
    }
    if (all.size() == 1 || all.size() > 1 + MAX_PARAMETERS) {
      reporter.error(
          method,
          "fork function must have 1 to "
              + MAX_PARAMETERS
              + " parameters after the scope: parameters="
              + (all.size() - 1)
              + (all.size() == 1
                  ? " (without arguments a recursion has no end)"
                  : " (put some of them into an object)"));
    }
    List<Parameter> parameters = new ArrayList<>();
    Map<String, Element> bySide = new HashMap<>();
    for (VariableElement each : all.subList(1, all.size())) {
      Placement.checkVisible(each, each.asType(), "parameter", reporter);
      Parameter parameter =
          new Parameter(each.getSimpleName().toString(), Nullness.of(each.asType()));
      Element other = bySide.putIfAbsent(parameter.of("left"), each);
      if (other != null) {
        reporter.error(
            each,
            "parameters of a fork function must differ in more than the case of their first letter:"
                + " name="
                + parameter.name()
                + ", other="
                + other.getSimpleName()
                + " (rename one of them)");
      }
      parameters.add(parameter);
    }
    return parameters;
  }
}
