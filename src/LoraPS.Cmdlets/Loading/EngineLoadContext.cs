using System.Reflection;
using System.Runtime.Loader;

namespace LoraPS.Cmdlets.Loading;

/// <summary>Loads assemblies and native libraries from one flat folder, and the rest from where the host has them.</summary>
/// <param name="directory">The folder.</param>
internal sealed class EngineLoadContext(string directory) : AssemblyLoadContext("LoraPS")
{
    // TorchRuntime.DirectoryKey of the engine, which is not loaded yet when this is.
    private const string LibtorchKey = "LoraPS.LibtorchDirectory";

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName) =>
        Find(directory, $"{assemblyName.Name}.dll") is { } path ? LoadFromAssemblyPath(path) : null;

    /// <inheritdoc/>
    protected override IntPtr LoadUnmanagedDll(string unmanagedDllName)
    {
        // The libtorch that is in use goes before the one in the module: a second copy in one process ends it.
        var path = FindLibrary(AppContext.GetData(LibtorchKey) as string, unmanagedDllName) ?? FindLibrary(directory, unmanagedDllName);
        return path is null ? IntPtr.Zero : LoadUnmanagedDllFromPath(path);
    }

    private static string? FindLibrary(string? folder, string name)
    {
        string[] forms = [name, $"{name}.dll", $"{name}.so", $"lib{name}.so", $"{name}.dylib", $"lib{name}.dylib"];
        return folder is null ? null : forms.Select(form => Find(folder, form)).FirstOrDefault(path => path is not null);
    }

    private static string? Find(string folder, string fileName)
    {
        var path = Path.Combine(folder, fileName);
        return File.Exists(path) ? path : null;
    }
}
