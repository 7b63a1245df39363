// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import com.palantir.javapoet.TypeName;
import dev.heddle.TaskContext;
import dev.heddle.dsl.Named;
import dev.heddle.dsl.TaskSet;
import dev.heddle.processor.TaskSetModel.Method;
import dev.heddle.processor.TaskSetModel.Options;
import dev.heddle.processor.TaskSetModel.Parameter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import javax.annotation.processing.ProcessingEnvironment;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.ElementFilter;
import org.jspecify.annotations.Nullable;

/** Reads a task set and checks it; all that is wrong is told at once, each at its place. */
final class TaskSetReader {

  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9]{0,62}");

  /** What to do if a type exists that is to be written. */
  static final String OTHER_NAME = "give the set another name: @TaskSet(\"...\")";

  /** Methods of every object, and of every record: a component must not be called so. */
  private static final Set<String> NO_COMPONENTS =
      Set.of(
          "clone",
          "finalize",
          "getClass",
          "hashCode",
          "notify",
          "notifyAll",
          "toString",
          "wait",
          "descriptor");

  /** Methods of what is written. */
  private static final Set<String> RESERVED =
      Set.of(
          "task",
          "submit",
          "of",
          "descriptors",
          "clone",
          "finalize",
          "getClass",
          "hashCode",
          "equals",
          "notify",
          "notifyAll",
          "toString",
          "wait");

  private final ProcessingEnvironment environment;
  private final Reporter reporter;

  TaskSetReader(ProcessingEnvironment environment, Reporter reporter) {
    this.environment = environment;
    this.reporter = reporter;
  }

  /**
   * Reads a task set.
   *
   * @param origin what has the annotation
   * @param written the types that others in this round have asked for; is added to
   * @return what it says; {@code null} if something is wrong
   */
  @Nullable TaskSetModel read(TypeElement origin, Set<String> written) {
    int before = reporter.errors();
    if (origin.getKind() != ElementKind.INTERFACE) {
      reporter.error(
          origin,
          TaskSet.class,
          "task set must be an interface: "
              + origin.getSimpleName()
              + " (declare its methods in an interface, and implement that)");
      return null;
    }
    checkInterface(origin);
    String base = base(origin);
    String packageName =
        environment.getElementUtils().getPackageOf(origin).getQualifiedName().toString();
    if (reporter.errors() == before) { // else the name may be none
      checkFree(origin, packageName, base + "Task", written);
      checkFree(origin, packageName, base + "Tasks", written);
    }
    List<Method> methods = methods(origin, base);
    if (reporter.errors() > before) {
      return null;
    }
    return new TaskSetModel(origin, base, Placement.access(origin), methods);
  }

  private void checkInterface(TypeElement origin) {
    if (!origin.getTypeParameters().isEmpty()) {
      reporter.error(
          origin,
          "task set must not be generic: "
              + origin
              + " (its records stand for one type each; declare one set for each)");
    }
    if (!origin.getInterfaces().isEmpty()) {
      reporter.error(
          origin,
          "task set must not extend interfaces: "
              + origin.getSimpleName()
              + " (declare the methods here, so that its tasks are all in one place)");
    }
    if (origin.getModifiers().contains(Modifier.SEALED)) {
      reporter.error(
          origin,
          "task set must not be sealed: "
              + origin.getSimpleName()
              + " (anybody may implement it, a test for one)");
    }
    Placement.checkType(origin, "task set", reporter);
  }

  private String base(TypeElement origin) {
    String given = origin.getAnnotation(TaskSet.class).value();
    String own = origin.getSimpleName().toString();
    String base =
        !given.isEmpty()
            ? given
            : own.endsWith("Ops") && own.length() > 3 ? own.substring(0, own.length() - 3) : own;
    if (!NAME.matcher(base).matches()) {
      reporter.error(
          origin,
          TaskSet.class,
          "value",
          "name of a task set must be 1 to 63 characters of A-Z a-z 0-9, a letter first: value="
              + Reporter.shown(base)
              + " (choose what the names of its types begin with)");
      return "Wrong";
    }
    return capitalized(base);
  }

  private void checkFree(TypeElement origin, String packageName, String name, Set<String> written) {
    String whole = packageName.isEmpty() ? name : packageName + "." + name;
    if (!written.add(whole)) { // by another set
      Placement.refuseToOverwrite(origin, TaskSet.class, whole, OTHER_NAME, reporter);
    }
  }

  // ---- methods

  private List<Method> methods(TypeElement origin, String base) {
    List<Method> methods = new ArrayList<>();
    Map<String, ExecutableElement> byRecord = new HashMap<>();
    boolean hasTask = false;
    for (ExecutableElement method : ElementFilter.methodsIn(origin.getEnclosedElements())) {
      if (!method.getModifiers().contains(Modifier.ABSTRACT)) {
        checkNoOptions(method);
        continue;
      }
      hasTask = true;
      String own = ownName(method, base);
      if (own == null) {
        continue;
      }
      ExecutableElement other = byRecord.putIfAbsent(own.toLowerCase(Locale.ROOT), method);
      if (other != null) {
        reporter.error(
            method,
            "tasks of a set must have names of their own, upper and lower case alike: name="
                + own
                + ", other="
                + other
                + " (tell them apart: @Named(\"...\"))");
      }
      Method read = method(origin, base, method, own);
      if (read != null) {
        methods.add(read);
      }
    }
    if (!hasTask) {
      reporter.error(
          origin,
          "task set must have a task: " + origin.getSimpleName() + " (declare an abstract method)");
    }
    return methods;
  }

  private void checkNoOptions(ExecutableElement method) {
    for (Class<? extends java.lang.annotation.Annotation> option : OptionsReader.ALL) {
      if (Reporter.find(method, option) != null) {
        reporter.error(
            method,
            option,
            "option must be on an abstract method, which is a task: @"
                + option.getSimpleName()
                + " on "
                + method
                + " (take it off, or take the body out)");
      }
    }
  }

  /** The name of a task; {@code null} if it is wrong. */
  private @Nullable String ownName(ExecutableElement method, String base) {
    Named named = method.getAnnotation(Named.class);
    String name = named == null ? method.getSimpleName().toString() : named.value();
    if (!NAME.matcher(name).matches() || SourceVersion.isKeyword(name) || name.equals("yield")) {
      reporter.error(
          method,
          Named.class,
          "value",
          "name of a task must be 1 to 63 characters of A-Z a-z 0-9, a letter first, and no"
              + " keyword: name="
              + Reporter.shown(name)
              + " (use @Named to give it another)");
      return null;
    }
    if (RESERVED.contains(name) || capitalized(name).equals(base + "Task")) {
      reporter.error(
          method,
          "name of a task must not be that of something else which is written: name="
              + name
              + " (use @Named to give it another)");
    }
    return name;
  }

  private @Nullable Method method(
      TypeElement origin, String base, ExecutableElement method, String own) {
    int before = reporter.errors();
    if (!method.getTypeParameters().isEmpty()) {
      reporter.error(
          method,
          "task must not be generic: "
              + method
              + " (declare a method for each type that is needed)");
      return null;
    }
    List<Parameter> parameters = new ArrayList<>();
    boolean hasContext = false;
    List<? extends VariableElement> all = method.getParameters();
    for (int i = 0; i < all.size(); i++) {
      VariableElement parameter = all.get(i);
      if (isContext(parameter.asType())) {
        hasContext = true;
        if (i + 1 < all.size()) {
          reporter.error(
              parameter,
              "TaskContext must be the last parameter: "
                  + parameter.getSimpleName()
                  + " (move it to the end; there is one)");
        }
        continue;
      }
      checkParameter(parameter);
      parameters.add(new Parameter(parameter.getSimpleName().toString(), parameter.asType()));
    }
    checkThrown(method);
    TypeMirror result = method.getReturnType();
    Placement.checkVisible(method, result, "result", reporter);
    Options options = new OptionsReader(environment, reporter).read(origin, method);
    if (reporter.errors() > before) {
      return null;
    }
    String record = capitalized(own);
    return new Method(
        method.getSimpleName().toString(),
        own,
        record,
        constant(own),
        base.toLowerCase(Locale.ROOT) + "." + own,
        schemaId(parameters, result),
        result.getKind() == TypeKind.VOID ? null : result,
        parameters,
        method.isVarArgs() && !hasContext,
        hasContext,
        options);
  }

  private void checkThrown(ExecutableElement method) {
    for (TypeMirror thrown : method.getThrownTypes()) {
      if (!Supertypes.has(environment, thrown, Exception.class)
          && !Supertypes.has(environment, thrown, Error.class)) {
        reporter.error(
            method,
            "task must throw exceptions and errors only: throws="
                + thrown
                + " (declare Exception, or what it is)");
      }
    }
  }

  private boolean isContext(TypeMirror type) {
    return type instanceof DeclaredType declared // annotations of the type left aside
        && declared.asElement() instanceof TypeElement element
        && element.getQualifiedName().contentEquals(TaskContext.class.getName());
  }

  private void checkParameter(VariableElement parameter) {
    String name = parameter.getSimpleName().toString();
    if (NO_COMPONENTS.contains(name)) {
      reporter.error(
          parameter,
          "parameter of a task must not be called like a method of its record: name="
              + name
              + " (give it another name)");
    }
    Placement.checkVisible(parameter, parameter.asType(), "parameter", reporter);
  }

  /**
   * A hash of the names of all types, and of the parameters: what is written down depends on it.
   */
  private String schemaId(List<Parameter> parameters, TypeMirror result) {
    StringBuilder schema = new StringBuilder();
    for (Parameter parameter : parameters) {
      schema
          .append(parameter.name())
          .append(':')
          .append(TypeName.get(parameter.type())) // without annotations
          .append(';');
    }
    schema.append("->").append(TypeName.get(result));
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(schema.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  static String capitalized(String name) {
    return Character.toUpperCase(name.charAt(0)) + name.substring(1);
  }

  /** {@code toUpper} as {@code TO_UPPER}. */
  static String constant(String name) {
    return name.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_").toUpperCase(Locale.ROOT);
  }
}
