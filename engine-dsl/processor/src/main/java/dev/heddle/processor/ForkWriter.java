// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import com.palantir.javapoet.AnnotationSpec;
import com.palantir.javapoet.ClassName;
import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.FieldSpec;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.ParameterSpec;
import com.palantir.javapoet.ParameterizedTypeName;
import com.palantir.javapoet.TypeName;
import com.palantir.javapoet.TypeSpec;
import dev.heddle.TaskEngine;
import dev.heddle.fork.Fork;
import dev.heddle.fork.ForkCarrier;
import dev.heddle.fork.ForkScope;
import dev.heddle.processor.ForkModel.Parameter;
import java.util.List;
import java.util.Objects;
import java.util.function.BinaryOperator;
import java.util.function.DoubleBinaryOperator;
import java.util.function.IntBinaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;

/**
 * Writes the forks of a function. The carrier of a scope holds the arguments of both branches: the
 * scope keeps it from one join to the next, so that a join stores numbers and allocates nothing. A
 * reference is stored where it has changed only, since such a store costs more than the look.
 */
final class ForkWriter {

  private final ForkModel model;
  private final ClassName origin;
  private final ClassName forks;
  private final ClassName call;

  ForkWriter(ForkModel model) {
    this.model = model;
    this.origin = ClassName.get(model.origin());
    this.forks = ClassName.get(origin.packageName(), model.origin().getSimpleName() + "Fork");
    this.call = forks.nestedClass("Call");
  }

  TypeSpec forks() {
    TypeSpec.Builder type =
        TypeSpec.classBuilder(forks)
            .addJavadoc(
                """
                Forks a {@link $1T}.

                <p>Generated from {@link $1T}; a change there changes it.
                """,
                origin)
            .addModifiers(
                Stream.concat(model.access().stream(), Stream.of(Modifier.FINAL))
                    .toArray(Modifier[]::new))
            .addField(run())
            .addMethod(MethodSpec.constructorBuilder().addModifiers(Modifier.PRIVATE).build())
            .addMethod(compute())
            .addMethod(runFirst())
            .addMethod(join())
            .addType(carrier());
    return type.build();
  }

  private FieldSpec run() {
    return FieldSpec.builder(
            ParameterizedTypeName.get(ClassName.get(Fork.class), call, call),
            "RUN",
            Modifier.PRIVATE,
            Modifier.STATIC,
            Modifier.FINAL)
        .initializer("$T::run", call)
        .build();
  }

  private MethodSpec compute() {
    String engine = fresh("engine");
    String function = fresh("function");
    MethodSpec.Builder method =
        MethodSpec.methodBuilder("compute")
            .addJavadoc(
                """
                Runs the function on an engine, and waits for its result; see {@link $T#compute(Fork, Object)}.

                @param $L where
                @param $L the function; a constant
                """,
                TaskEngine.class,
                engine,
                function)
            .addModifiers(Modifier.PUBLIC, Modifier.STATIC)
            .returns(model.result())
            .addParameter(TaskEngine.class, engine)
            .addParameter(origin, function);
    for (Parameter each : model.parameters()) {
      method
          .addJavadoc("@param $L the argument of that name\n", each.name())
          .addParameter(each.type(), each.name());
    }
    return method
        .addJavadoc("@return the result\n")
        // Nothing but a method's name is safe from parameters, which may be called anything.
        .addStatement("return run($L, new $T($L, $L)).result", engine, call, function, names())
        .build();
  }

  private String names() {
    return model.parameters().stream().map(Parameter::name).collect(Collectors.joining(", "));
  }

  private MethodSpec runFirst() {
    return MethodSpec.methodBuilder("run")
        .addModifiers(Modifier.PRIVATE, Modifier.STATIC)
        .returns(call)
        .addParameter(TaskEngine.class, "engine")
        .addParameter(call, "first")
        .addStatement("return engine.compute(RUN, first)")
        .build();
  }

  /** A name that no parameter has. */
  private String fresh(String wanted) {
    String name = wanted;
    while (isParameter(name)) {
      name += "_";
    }
    return name;
  }

  private boolean isParameter(String name) {
    return model.parameters().stream().anyMatch(each -> each.name().equals(name));
  }

  /** The field of a parameter in the carrier, which has others, too. */
  private static String field(Parameter parameter) {
    return parameter.of("of");
  }

  private MethodSpec join() {
    MethodSpec.Builder method =
        MethodSpec.methodBuilder("join")
            .addJavadoc(
                """
                Runs the function on the arguments of two branches, perhaps at the same time; see {@link $T}.

                @param scope that of the branch which forks
                @param function the function; a constant
                """,
                ForkScope.class)
            .addModifiers(Modifier.PUBLIC, Modifier.STATIC)
            .returns(model.result())
            .addParameter(ForkScope.class, "scope")
            .addParameter(origin, "function");
    for (String side : List.of("left", "right")) {
      for (Parameter each : model.parameters()) {
        method
            .addJavadoc("@param $L the argument of the $L branch\n", each.of(side), side)
            .addParameter(each.type(), each.of(side));
      }
    }
    method
        .addJavadoc(
            """
            @param combine makes one result of the left and the right one, in the calling thread
            @return the combined result
            """)
        .addParameter(ParameterSpec.builder(combiner(), "combine").build())
        .addStatement("$1T left = scope.carrier($1T.class, $1T::pair)", call)
        .addStatement("$T right = left.right", call)
        .beginControlFlow("if (left.function != function)")
        .addStatement("left.function = function")
        .addStatement("right.function = function")
        .endControlFlow();
    for (String side : List.of("left", "right")) {
      for (Parameter each : model.parameters()) {
        if (each.type().isPrimitive()) {
          method.addStatement("$L.$L = $L", side, field(each), each.of(side));
        } else {
          method
              .beginControlFlow("if ($L.$L != $L)", side, field(each), each.of(side))
              .addStatement("$L.$L = $L", side, field(each), each.of(side))
              .endControlFlow();
        }
      }
    }
    return method
        .addStatement("scope.join(RUN, left, right, $T::both)", call)
        .addStatement("return combine.$L(left.result, right.result)", combinerMethod())
        .build();
  }

  private TypeName combiner() {
    if (model.result().equals(TypeName.INT)) {
      return ClassName.get(IntBinaryOperator.class);
    }
    if (model.result().equals(TypeName.LONG)) {
      return ClassName.get(LongBinaryOperator.class);
    }
    if (model.result().equals(TypeName.DOUBLE)) {
      return ClassName.get(DoubleBinaryOperator.class);
    }
    return ParameterizedTypeName.get(ClassName.get(BinaryOperator.class), model.result());
  }

  private String combinerMethod() {
    if (model.result().equals(TypeName.INT)) {
      return "applyAsInt";
    }
    if (model.result().equals(TypeName.LONG)) {
      return "applyAsLong";
    }
    return model.result().equals(TypeName.DOUBLE) ? "applyAsDouble" : "apply";
  }

  // ---- the carrier

  private TypeSpec carrier() {
    TypeSpec.Builder type =
        TypeSpec.classBuilder(call)
            .addJavadoc("The arguments of a branch, and its result.\n")
            .addAnnotation( // null between computations only
                AnnotationSpec.builder(SuppressWarnings.class)
                    .addMember("value", "$S", "NullAway")
                    .build())
            .superclass(ForkCarrier.class)
            .addModifiers(Modifier.PRIVATE, Modifier.STATIC, Modifier.FINAL)
            .addField(origin, "function");
    CodeBlock.Builder forget = CodeBlock.builder().addStatement("function = null");
    for (Parameter each : model.parameters()) {
      type.addField(each.type(), field(each));
      if (!each.type().isPrimitive()) {
        forget.addStatement("$L = null", field(each));
      }
    }
    type.addField(model.result(), "result");
    if (!model.result().isPrimitive()) {
      forget.addStatement("result = null");
    }
    type.addField(FieldSpec.builder(call, "right").addJavadoc("Of a left one.\n").build());
    forget.beginControlFlow("if (right != null)").addStatement("right.forget()").endControlFlow();
    return type.addMethod(MethodSpec.constructorBuilder().build())
        .addMethod(ofFirst())
        .addMethod(pair())
        .addMethod(runCall())
        .addMethod(both())
        .addMethod(
            MethodSpec.methodBuilder("forget")
                .addAnnotation(AnnotationSpec.builder(Override.class).build())
                .addModifiers(Modifier.PUBLIC)
                .addCode(forget.build())
                .build())
        .build();
  }

  /** The constructor of a call that begins. */
  private MethodSpec ofFirst() {
    MethodSpec.Builder constructor =
        MethodSpec.constructorBuilder()
            .addParameter(origin, "function")
            .addStatement(
                "this.function = $T.requireNonNull(function, $S)", Objects.class, "function");
    for (Parameter each : model.parameters()) {
      constructor
          .addParameter(each.type(), field(each))
          .addStatement("this.$1L = $1L", field(each));
    }
    return constructor.build();
  }

  private MethodSpec pair() {
    return MethodSpec.methodBuilder("pair")
        .addModifiers(Modifier.STATIC)
        .returns(call)
        .addStatement("$1T left = new $1T()", call)
        .addStatement("left.right = new $T()", call)
        .addStatement("return left")
        .build();
  }

  private MethodSpec runCall() {
    String arguments =
        model.parameters().stream()
            .map(each -> "call." + field(each))
            .collect(Collectors.joining(", "));
    return MethodSpec.methodBuilder("run")
        .addModifiers(Modifier.STATIC)
        .returns(call)
        .addParameter(ForkScope.class, "scope")
        .addParameter(call, "call")
        .addStatement("call.result = call.function.$L(scope, $L)", model.method(), arguments)
        .addStatement("return call")
        .build();
  }

  private MethodSpec both() {
    return MethodSpec.methodBuilder("both")
        .addJavadoc("Each has its result.\n")
        .addModifiers(Modifier.STATIC)
        .returns(call)
        .addParameter(call, "left")
        .addParameter(call, "right")
        .addStatement("return left")
        .build();
  }
}
