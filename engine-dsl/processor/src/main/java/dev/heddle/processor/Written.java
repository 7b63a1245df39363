// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import com.palantir.javapoet.AnnotationSpec;
import com.palantir.javapoet.JavaFile;
import com.palantir.javapoet.TypeSpec;
import java.io.IOException;
import java.lang.annotation.Annotation;
import javax.annotation.processing.Filer;
import javax.annotation.processing.FilerException;
import javax.annotation.processing.Generated;
import javax.annotation.processing.Processor;
import javax.lang.model.element.TypeElement;

/** What all files have in common that are written here. */
final class Written {

  private Written() {}

  static AnnotationSpec by(Class<? extends Processor> processor) {
    return AnnotationSpec.builder(Generated.class)
        .addMember("value", "$S", processor.getName())
        .build();
  }

  static JavaFile file(String packageName, TypeSpec type) {
    return JavaFile.builder(packageName, type).skipJavaLangImports(true).indent("  ").build();
  }

  /**
   * Writes a file.
   *
   * @param origin what it is made of
   * @param annotation what asks for it
   * @param fix what to do if such a type exists
   * @return whether it is written; otherwise it has been said why not
   */
  static boolean write(
      JavaFile file,
      TypeElement origin,
      Class<? extends Annotation> annotation,
      String fix,
      Filer filer,
      Reporter reporter) {
    String name =
        file.packageName().isEmpty()
            ? file.typeSpec().name()
            : file.packageName() + "." + file.typeSpec().name();
    try {
      file.writeTo(filer);
      return true;
    } catch (FilerException e) {
      // Not looked up before: what an earlier build has made must not be in its way.
      Placement.refuseToOverwrite(origin, annotation, name, fix, reporter);
    } catch (IOException e) {
      reporter.error(origin, "type could not be written: " + name + " (" + e.getMessage() + ")");
    }
    return false;
  }
}
