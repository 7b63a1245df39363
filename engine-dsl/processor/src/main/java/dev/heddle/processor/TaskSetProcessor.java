// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import dev.heddle.dsl.TaskSet;
import java.lang.annotation.Annotation;
import java.util.HashSet;
import java.util.LinkedHashSet;
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

  private final Deferred deferred = new Deferred();
  private final Set<String> names = new HashSet<>(); // of what is written

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
    Written written =
        new Written(processingEnv, reporter, getClass(), TaskSet.class, TaskSetReader.OTHER_NAME);
    // Once for all annotations, since each look goes through the whole program.
    Set<? extends Element> annotated =
        round.getElementsAnnotatedWithAny(annotations.toArray(TypeElement[]::new));
    Set<Element> sets =
        annotated.stream()
            .filter(each -> Reporter.find(each, TaskSet.class) != null)
            .collect(Collectors.toCollection(LinkedHashSet::new));
    for (TypeElement type : deferred.ready(sets, processingEnv.getElementUtils())) {
      TaskSetModel model = new TaskSetReader(processingEnv, reporter).read(type, names);
      if (model != null) {
        TaskSetWriter writer = new TaskSetWriter(model);
        if (written.write(writer.records(), type)) {
          written.write(writer.factory(), type);
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

  private static void requireTaskSet(
      Element element, Class<? extends Annotation> option, Reporter reporter) {
    Element owner = element instanceof TypeElement ? element : element.getEnclosingElement();
    if (owner == null || Reporter.find(owner, TaskSet.class) == null) {
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
