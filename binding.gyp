{
  # The developer's build and what prebuildify drives. Not in the package: npm would take it for an install script.
  'targets': [{
    'target_name': 'openais',
    'sources': ['<!@(node scripts/native-sources.mjs core crypto io binding)'],
    'include_dirs': ['native'],
    'defines': ['NAPI_VERSION=9', 'NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS'],
    # Headers that are not ours are system headers, so that our warnings stay ours.
    'cflags_cc': [
      '<!@(node scripts/native-sources.mjs --flags)',
      '-O2',
      '-isystem', '<!(node -p "require(\'path\').resolve(require(\'node-addon-api\').include_dir)")',
      '-isystem', '<(node_root_dir)/include/node',
    ],
    'cflags!': ['-O3'],
    'cflags_cc!': ['-std=gnu++17', '-std=gnu++20'],
    'ldflags': ['-Wl,-z,relro,-z,now'],
    'conditions': [
      # What is tested here is what is shipped: the same old versions of functions, and no name of ours to be seen.
      ['OS=="linux"', {
        'sources': ['native/glibc/floor.cc'],
        'cflags_cc': ['-include', '<(module_root_dir)/native/glibc/floor.hpp'],
        'ldflags': ['-Wl,--version-script=<(module_root_dir)/native/glibc/exports.map'],
      }],
      ['OS=="mac"', {
        'xcode_settings': {
          'CLANG_CXX_LANGUAGE_STANDARD': 'c++20',
          'MACOSX_DEPLOYMENT_TARGET': '12.0',
          'OTHER_CPLUSPLUSFLAGS': [
            '<!@(node scripts/native-sources.mjs --flags)',
            '-isystem', '<!(node -p "require(\'path\').resolve(require(\'node-addon-api\').include_dir)")',
          ],
        },
      }],
    ],
  }],
}
