using System.Runtime.Loader;

namespace LoraPS.Cmdlets.Loading;

/// <summary>Lets the cmdlets find the engine, which lives in a load context of its own.</summary>
/// <remarks>
/// This type and its members name no type of the engine, so that they can be used before the engine can be found.
/// </remarks>
public static class ModuleLoader
{
    private static readonly string[] Assemblies = ["LoraPS.Engine", "LoraPS.Installer"];

    private static readonly Lock Registering = new();
    private static EngineLoadContext? _context;

    /// <summary>Names the engine's folder. Nothing is loaded yet, and a second call changes nothing.</summary>
    /// <param name="engineDirectory">Full path of the folder that holds LoraPS.Engine.dll and all it depends on.</param>
    public static void Register(string engineDirectory)
    {
        lock (Registering)
        {
            if (_context is not null)
                return;
            var context = _context = new EngineLoadContext(engineDirectory);
            AssemblyLoadContext.Default.Resolving += (_, name) => Assemblies.Contains(name.Name) ? context.LoadFromAssemblyName(name) : null;
        }
    }
}
