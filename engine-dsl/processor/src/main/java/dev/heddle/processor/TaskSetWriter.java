// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import com.palantir.javapoet.ClassName;
import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.FieldSpec;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.ParameterSpec;
import com.palantir.javapoet.ParameterizedTypeName;
import com.palantir.javapoet.TypeName;
import com.palantir.javapoet.TypeSpec;
import com.palantir.javapoet.TypeVariableName;
import com.palantir.javapoet.WildcardTypeName;
import dev.heddle.Retry;
import dev.heddle.Task;
import dev.heddle.TaskEngine;
import dev.heddle.TaskHandle;
import dev.heddle.TaskOptions;
import dev.heddle.dsl.TaskDescriptor;
import dev.heddle.processor.TaskSetModel.Method;
import dev.heddle.processor.TaskSetModel.Options;
import dev.heddle.processor.TaskSetModel.Parameter;
import dev.heddle.processor.TaskSetModel.RetryModel;
import dev.heddle.spi.SubmitsForCaller;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.lang.model.type.TypeMirror;

/**
 * Writes what a task set becomes. Depends on the source alone, so that two builds give the same
 * bytes.
 */
final class TaskSetWriter {

  private final TaskSetModel set;
  private final ClassName origin;
  private final ClassName records;
  private final ClassName factory;
  private final TypeVariableName resultType;

  TaskSetWriter(TaskSetModel set) {
    this.set = set;
    this.origin = ClassName.get(set.origin());
    this.records = ClassName.get(origin.packageName(), set.base() + "Task");
    this.factory = ClassName.get(origin.packageName(), set.base() + "Tasks");
    this.resultType = resultType(set);
  }

  /** The variable for results, one of which may be {@code null}. */
  private static TypeVariableName resultType(TaskSetModel set) {
    return set.methods().stream()
        .map(Method::result)
        .filter(Objects::nonNull)
        .flatMap(result -> Nullness.nullable(result).stream())
        .findFirst()
        .map(nullable -> TypeVariableName.get("R", ClassName.OBJECT.annotated(List.of(nullable))))
        .orElse(TypeVariableName.get("R"));
  }

  private Modifier[] access(Modifier... more) {
    return Stream.concat(set.access().stream(), Arrays.stream(more)).toArray(Modifier[]::new);
  }

  // ---- the records

  /** The sealed interface and its records. */
  TypeSpec records() {
    TypeSpec.Builder type =
        TypeSpec.interfaceBuilder(records)
            .addJavadoc(
                """
                What a task of {@link $1T} has to do: one record a method, to be switched over.

                <p>Generated from {@link $1T}; a change there changes it.

                @param <R> the type of the result
                """,
                origin)
            .addModifiers(access(Modifier.SEALED))
            .addTypeVariable(resultType)
            .addMethod(
                MethodSpec.methodBuilder("descriptor")
                    .addJavadoc(
                        """
                        Returns what is known of every such task.

                        @return its name, options and schema
                        """)
                    .addModifiers(Modifier.PUBLIC, Modifier.ABSTRACT)
                    .returns(TaskDescriptor.class)
                    .build());
    set.methods().forEach(method -> type.addType(record(method)));
    return type.build();
  }

  private TypeSpec record(Method method) {
    MethodSpec.Builder components =
        MethodSpec.constructorBuilder().addParameters(parameters(method)).varargs(method.varargs());
    TypeSpec.Builder type =
        TypeSpec.recordBuilder(method.record())
            .addJavadoc(
                "{@code $L}: a call of {@link $T#$L}.\n", method.name(), origin, method.method())
            .addModifiers(Modifier.PUBLIC, Modifier.STATIC)
            .recordConstructor(components.build())
            .addSuperinterface(ParameterizedTypeName.get(records, boxed(method)));
    for (Parameter parameter : method.parameters()) {
      type.addJavadoc("\n@param $L the argument of that name", parameter.name());
    }
    return type.addMethod(
            MethodSpec.methodBuilder("descriptor")
                .addAnnotation(Override.class)
                .addModifiers(Modifier.PUBLIC)
                .returns(TaskDescriptor.class)
                .addStatement("return $T.$L", factory, method.constant())
                .build())
        .build();
  }

  private static List<ParameterSpec> parameters(Method method) {
    return method.parameters().stream()
        .map(each -> ParameterSpec.builder(Nullness.of(each.type()), each.name()).build())
        .toList();
  }

  private static TypeName boxed(Method method) {
    TypeMirror result = method.result();
    return result == null ? ClassName.get(Void.class) : Nullness.boxed(result);
  }

  // ---- the factory

  /** The class that makes tasks of an implementation. */
  TypeSpec factory() {
    TypeSpec.Builder type =
        TypeSpec.classBuilder(factory)
            .addJavadoc(
                """
                Makes the tasks of a {@link $1T}. Safe for use by any thread if that is.

                <p>Generated from {@link $1T}; a change there changes it.
                """,
                origin)
            .addAnnotation(SubmitsForCaller.class)
            .addModifiers(access(Modifier.FINAL));
    for (Method method : set.methods()) {
      type.addField(descriptor(method));
    }
    type.addField(origin, "code", Modifier.PRIVATE, Modifier.FINAL);
    type.addMethod(
        MethodSpec.constructorBuilder()
            .addModifiers(Modifier.PRIVATE)
            .addParameter(origin, "code")
            .addStatement("this.code = code")
            .build());
    type.addMethod(
        MethodSpec.methodBuilder("of")
            .addJavadoc(
                """
                Makes the tasks of an implementation.

                @param code what the tasks call
                @return their factory
                """)
            .addModifiers(Modifier.PUBLIC, Modifier.STATIC)
            .returns(factory)
            .addParameter(origin, "code")
            .addStatement(
                "return new $T($T.requireNonNull(code, $S))", factory, Objects.class, "code")
            .build());
    type.addMethod(
        MethodSpec.methodBuilder("descriptors")
            .addJavadoc(
                """
                Returns what is known of each task.

                @return one descriptor a method, in their order
                """)
            .addModifiers(Modifier.PUBLIC, Modifier.STATIC)
            .returns(ParameterizedTypeName.get(List.class, TaskDescriptor.class))
            .addStatement(
                "return $T.of($L)",
                List.class,
                set.methods().stream().map(Method::constant).collect(Collectors.joining(", ")))
            .build());
    set.methods().forEach(method -> type.addMethod(task(method)));
    type.addMethod(taskOfRecord());
    type.addMethod(submit());
    return type.build();
  }

  private FieldSpec descriptor(Method method) {
    return FieldSpec.builder(
            TaskDescriptor.class,
            method.constant(),
            Modifier.PUBLIC,
            Modifier.STATIC,
            Modifier.FINAL)
        .addJavadoc("Of {@link $T#$L}.\n", origin, method.method())
        .initializer("new $T($L, $S)", TaskDescriptor.class, options(method), method.schemaId())
        .build();
  }

  private MethodSpec task(Method method) {
    String to = fresh("to", method);
    String context = fresh("context", method);
    MethodSpec.Builder spec =
        MethodSpec.methodBuilder(method.own())
            .addJavadoc(
                "Returns the task {@code $L}; its options are those of {@link #$L}.\n\n",
                method.name(),
                method.constant())
            .addModifiers(Modifier.PUBLIC)
            .returns(ParameterizedTypeName.get(ClassName.get(Task.class), boxed(method)))
            .addParameters(parameters(method))
            .varargs(method.varargs())
            .addStatement("$T $L = this.code", origin, to);
    for (Parameter parameter : method.parameters()) {
      spec.addJavadoc("@param $L the argument of that name\n", parameter.name());
    }
    spec.addJavadoc("@return the task\n");
    CodeBlock call = CodeBlock.of("$L.$L($L)", to, method.method(), arguments(method, context));
    CodeBlock body =
        method.result() == null
            ? CodeBlock.of("$T.action($L -> $L)", Task.class, context, call)
            : CodeBlock.of("$L -> $L", context, call);
    if (method.options().blocking()) {
      body = CodeBlock.of("$T.blocking($L)", Task.class, body);
    }
    return spec.addStatement("return $L", body).build();
  }

  /** A name that no parameter has. */
  private static String fresh(String wanted, Method method) {
    String name = wanted;
    while (isParameter(name, method)) {
      name += "_";
    }
    return name;
  }

  private static boolean isParameter(String name, Method method) {
    return method.parameters().stream().anyMatch(each -> each.name().equals(name));
  }

  private static String arguments(Method method, String context) {
    Stream<String> names = method.parameters().stream().map(Parameter::name);
    return (method.hasContext() ? Stream.concat(names, Stream.of(context)) : names)
        .collect(Collectors.joining(", "));
  }

  private MethodSpec taskOfRecord() {
    return MethodSpec.methodBuilder("task")
        .addJavadoc(
            """
            Returns the task that a record stands for.

            @param task what is to be done
            @param <R> the type of the result
            @return the task; its options are those of the record's descriptor
            """)
        .addModifiers(Modifier.PUBLIC)
        .addTypeVariable(resultType)
        .returns(ParameterizedTypeName.get(ClassName.get(Task.class), resultType))
        .addParameter(ParameterizedTypeName.get(records, resultType), "task")
        .addCode(cases())
        .build();
  }

  /** Each record says by its type what its task returns, so the cast is right. */
  private CodeBlock cases() {
    CodeBlock.Builder cases =
        CodeBlock.builder()
            .add(
                "return ($T) switch (($T) task) {\n",
                ParameterizedTypeName.get(ClassName.get(Task.class), resultType),
                ParameterizedTypeName.get(records, WildcardTypeName.subtypeOf(Object.class)))
            .indent();
    for (Method method : set.methods()) {
      String accessors =
          method.parameters().stream()
              .map(each -> "is." + each.name() + "()")
              .collect(Collectors.joining(", "));
      cases.add(
          "case $T is -> $L($L);\n", records.nestedClass(method.record()), method.own(), accessors);
    }
    return cases.unindent().add("};\n").build();
  }

  private MethodSpec submit() {
    return MethodSpec.methodBuilder("submit")
        .addJavadoc(
            """
            Submits the task that a record stands for, with its options.

            @param engine where
            @param task what is to be done
            @param <R> the type of the result
            @return the handle
            """)
        .addModifiers(Modifier.PUBLIC)
        .addTypeVariable(resultType)
        .returns(ParameterizedTypeName.get(ClassName.get(TaskHandle.class), resultType))
        .addParameter(TaskEngine.class, "engine")
        .addParameter(ParameterizedTypeName.get(records, resultType), "task")
        .addStatement("return engine.submit(task(task), task.descriptor().options())")
        .build();
  }

  // ---- options

  private static CodeBlock options(Method method) {
    Options options = method.options();
    CodeBlock.Builder code =
        CodeBlock.builder().add("$T.defaults().name($S)", TaskOptions.class, method.name());
    options.timeout().ifPresent(time -> code.add(".timeout($L)", duration(time)));
    options.totalTimeout().ifPresent(time -> code.add(".totalTimeout($L)", duration(time)));
    options.hedge().ifPresent(time -> code.add(".hedge($L)", duration(time)));
    options.retry().ifPresent(retry -> code.add(".retry($L)", retry(retry)));
    if (options.interruptible()) {
      code.add(".interruptible(true)");
    }
    return code.build();
  }

  private static CodeBlock retry(RetryModel retry) {
    CodeBlock.Builder code =
        CodeBlock.builder()
            .add("$T.fixed($L, $L)", Retry.class, duration(retry.delay()), retry.max());
    if (retry.factor() != 1) {
      code.add(".factor($L)", retry.factor());
    }
    retry.maxDelay().ifPresent(time -> code.add(".maxDelay($L)", duration(time)));
    if (retry.jitter() != 0) {
      code.add(".jitter($L)", retry.jitter());
    }
    retry.maxTime().ifPresent(time -> code.add(".maxTime($L)", duration(time)));
    addTypes(code, "on", retry.on());
    addTypes(code, "unless", retry.unless());
    return code.build();
  }

  private static void addTypes(CodeBlock.Builder code, String method, List<TypeMirror> types) {
    if (!types.isEmpty()) {
      code.add(
          ".$L($L)",
          method,
          types.stream()
              .map(type -> CodeBlock.of("$T.class", type))
              .collect(CodeBlock.joining(", ")));
    }
  }

  static CodeBlock duration(Duration time) {
    return time.getNano() == 0
        ? CodeBlock.of("$T.ofSeconds($LL)", Duration.class, time.getSeconds())
        : CodeBlock.of("$T.ofSeconds($LL, $LL)", Duration.class, time.getSeconds(), time.getNano());
  }
}
