// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.TypeName;
import java.util.List;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;

/**
 * What has been read of a record with settings, and is right.
 *
 * @param origin the record
 * @param loader the name of what is written
 * @param access {@code public} or nothing
 * @param prefix what the keys begin with
 * @param components the settings, in the order of the source
 */
record SettingsModel(
    TypeElement origin,
    String loader,
    List<Modifier> access,
    String prefix,
    List<Component> components) {

  /**
   * A setting.
   *
   * @param name of the component, and its key
   * @param constant the name of its constant
   * @param type of its values, boxed
   * @param code makes the setting
   * @param place whose setting it is
   */
  record Component(String name, String constant, TypeName type, CodeBlock code, Place place) {}

  /** Whose setting a component is. */
  enum Place {
    PROGRAM,
    ENGINE,
    /** The engine's, which need not have a value. */
    ENGINE_OPTIONAL
  }
}
