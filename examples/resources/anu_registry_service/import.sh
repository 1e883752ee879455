# By the service's name in the registry. What the registry asks for and the platform has is taken into state.
terraform import 'anu_registry_service.this["make-it-rain"]' make-it-rain
