// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import com.palantir.javapoet.ClassName;
import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.FieldSpec;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.ParameterizedTypeName;
import com.palantir.javapoet.TypeName;
import com.palantir.javapoet.TypeSpec;
import dev.heddle.Setting;
import dev.heddle.Settings;
import dev.heddle.TaskEngine;
import dev.heddle.processor.SettingsModel.Component;
import dev.heddle.processor.SettingsModel.Place;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;

/** Writes the loader of a record with settings. Depends on the source alone. */
final class SettingsWriter {

  private final SettingsModel model;
  private final ClassName origin;
  private final String settings;

  SettingsWriter(SettingsModel model) {
    this.model = model;
    this.origin = ClassName.get(model.origin());
    this.settings = constant("SETTINGS");
  }

  /** A name that no component's constant has. */
  private String constant(String wanted) {
    return model.components().stream().anyMatch(each -> each.constant().equals(wanted))
        ? constant(wanted + "_")
        : wanted;
  }

  TypeSpec loader() {
    TypeSpec.Builder type =
        TypeSpec.classBuilder(model.loader())
            .addJavadoc(
                """
                Reads {@link $1T} out of texts, under {@code $2L}.

                <p>Generated from {@link $1T}; a change there changes it.
                """,
                origin,
                model.prefix())
            .addModifiers(
                Stream.concat(model.access().stream(), Stream.of(Modifier.FINAL))
                    .toArray(Modifier[]::new));
    model.components().forEach(component -> type.addField(setting(component)));
    type.addField(settings());
    type.addMethod(MethodSpec.constructorBuilder().addModifiers(Modifier.PRIVATE).build());
    type.addMethod(
        load(
            "load",
            """
            Reads the settings out of a map.

            @param map keys and values
            @return the settings
            @throws dev.heddle.error.ConfigurationException with everything that is wrong
            """,
            ParameterizedTypeName.get(Map.class, String.class, String.class),
            "map"));
    type.addMethod(
        load(
            "load",
            """
            Reads the settings out of properties.

            @param properties keys and values, their defaults included
            @return the settings
            @throws dev.heddle.error.ConfigurationException with everything that is wrong
            """,
            ClassName.get(Properties.class),
            "properties"));
    type.addMethod(
        MethodSpec.methodBuilder("loadEnvironment")
            .addJavadoc(
                """
                Reads the settings out of the environment of the process.

                @return the settings
                @throws dev.heddle.error.ConfigurationException with everything that is wrong
                """)
            .addModifiers(Modifier.PUBLIC, Modifier.STATIC)
            .returns(origin)
            .addStatement("return make($L.loadEnvironment())", settings)
            .build());
    type.addMethod(make());
    if (model.components().stream().anyMatch(each -> each.place() != Place.PROGRAM)) {
      type.addMethod(engine());
    }
    type.addMethod(
        MethodSpec.methodBuilder("documentation")
            .addJavadoc(
                """
                Returns a table of the settings in Markdown.

                @return key, default, values and meaning of each
                """)
            .addModifiers(Modifier.PUBLIC, Modifier.STATIC)
            .returns(String.class)
            .addStatement("return $L.documentation()", settings)
            .build());
    return type.build();
  }

  private static FieldSpec setting(Component component) {
    return FieldSpec.builder(
            ParameterizedTypeName.get(ClassName.get(Setting.class), component.type()),
            component.constant(),
            Modifier.PRIVATE,
            Modifier.STATIC,
            Modifier.FINAL)
        .initializer(component.code())
        .build();
  }

  private FieldSpec settings() {
    return FieldSpec.builder(
            Settings.class, settings, Modifier.PRIVATE, Modifier.STATIC, Modifier.FINAL)
        .initializer(
            "$T.of($S, $T.of($L))",
            Settings.class,
            model.prefix(),
            List.class,
            joined(model.components().stream().map(Component::constant)))
        .build();
  }

  private static String joined(Stream<String> parts) {
    return parts.collect(Collectors.joining(", "));
  }

  private MethodSpec load(String name, String javadoc, TypeName from, String parameter) {
    return MethodSpec.methodBuilder(name)
        .addJavadoc(javadoc)
        .addModifiers(Modifier.PUBLIC, Modifier.STATIC)
        .returns(origin)
        .addParameter(from, parameter)
        .addStatement("return make($L.load($L))", settings, parameter)
        .build();
  }

  private MethodSpec make() {
    CodeBlock values =
        CodeBlock.of(
            "$L",
            joined(model.components().stream().map(each -> "values.get(" + each.constant() + ")")));
    return MethodSpec.methodBuilder("make")
        .addModifiers(Modifier.PRIVATE, Modifier.STATIC)
        .returns(origin)
        .addParameter(Settings.Values.class, "values")
        .beginControlFlow("try")
        .addStatement("return new $T($L)", origin, values)
        .nextControlFlow("catch ($T e)", IllegalArgumentException.class)
        .addStatement("throw $L.refused(e)", settings)
        .endControlFlow()
        .build();
  }

  private MethodSpec engine() {
    MethodSpec.Builder method =
        MethodSpec.methodBuilder("engine")
            .addJavadoc(
                """
                Returns the builder of an engine with those of the settings that are options of it.

                @param settings the settings
                @return the builder, to be told what else is wanted
                @throws dev.heddle.error.ConfigurationException if a value is not allowed
                """)
            .addModifiers(Modifier.PUBLIC, Modifier.STATIC)
            .returns(TaskEngine.Builder.class)
            .addParameter(origin, "settings")
            .addStatement("$T builder = $T.builder()", TaskEngine.Builder.class, TaskEngine.class);
    for (Component each : model.components()) {
      switch (each.place()) {
        case PROGRAM -> {}
        case ENGINE -> method.addStatement("builder.$1L(settings.$1L())", each.name());
        case ENGINE_OPTIONAL ->
            method.addStatement("settings.$1L().ifPresent(builder::$1L)", each.name());
      }
    }
    return method.addStatement("return builder").build();
  }
}
