// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import com.palantir.javapoet.JavaFile;
import dev.heddle.dsl.TaskSet;
import java.lang.annotation.Annotation;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.annotation.processing.AbstractProcessor;
import javax.annotation.processing.RoundEnvironment;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.Element;
import javax.lang.model.element.TypeElement;

/**
 * Writes the tasks of each {@link TaskSet}. Isolating: what is written for an interface depends on
 * that alone, so a build tool may run it for those that have changed.
 */
public final class TaskSetProcessor extends AbstractProcessor {

  /** Called by the compiler. */
  public TaskSetProcessor() {}

  @Override
  public SourceVersion getSupportedSourceVersion() {
    return SourceVersion.latestSupported();
  }

  @Override
  public Set<String> getSupportedAnnotationTypes() {
    Set<String> names = OptionsReader.ALL.stream().map(Class::getName).collect(Collectors.toSet());
    names.add(TaskSet.class.getName());
    return names;
  }

  @Override
  public boolean process(Set<? extends TypeElement> annotations, RoundEnvironment round) {
    Reporter reporter = new Reporter(processingEnv.getMessager());
    Set<String> written = new HashSet<>();
    // Once for all annotations, since each look goes through the whole program.
    Set<? extends Element> annotated =
        round.getElementsAnnotatedWithAny(annotations.toArray(TypeElement[]::new));
    for (Element element : annotated) {
      if (Reporter.find(element, TaskSet.class) != null) {
        TaskSetModel model =
            new TaskSetReader(processingEnv, reporter).read((TypeElement) element, written);
        if (model != null) {
          write(model, reporter);
        }
      }
    }
    for (Element element : annotated) {
      for (Class<? extends Annotation> option : OptionsReader.ALL) {
        if (Reporter.find(element, option) != null) {
          requireTaskSet(element, option, reporter);
        }
      }
    }
    return false; // others may look at them, too
  }

  private void write(TaskSetModel model, Reporter reporter) {
    TaskSetWriter writer = new TaskSetWriter(model);
    boolean written = true;
    for (JavaFile file : List.of(writer.records(), writer.factory())) {
      written =
          written
              && Written.write(
                  file,
                  model.origin(),
                  TaskSet.class,
                  TaskSetReader.OTHER_NAME,
                  processingEnv.getFiler(),
                  reporter);
    }
  }

  private static void requireTaskSet(
      Element element, Class<? extends Annotation> option, Reporter reporter) {
    Element owner = element instanceof TypeElement ? element : element.getEnclosingElement();
    if (owner == null || owner.getAnnotation(TaskSet.class) == null) {
      reporter.error(
          element,
          option,
          "option must be on a task set or its method: @"
              + option.getSimpleName()
              + " on "
              + element
              + " (add @TaskSet to the interface)");
    }
  }
}
