# Loads the cmdlets' assembly and tells it where the engine is, before PowerShell looks at the cmdlets. The engine and all
# it depends on then load into an AssemblyLoadContext of their own, the first time a command needs them, so that they
# cannot meet another module's versions of the same libraries.
$cmdlets = [System.Reflection.Assembly]::LoadFrom("$PSScriptRoot/bin/LoraPS.Cmdlets.dll")
$cmdlets.GetType('LoraPS.Cmdlets.Loading.ModuleLoader')::Register("$PSScriptRoot/bin/engine")
