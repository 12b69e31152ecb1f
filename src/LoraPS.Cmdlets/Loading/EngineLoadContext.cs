using System.Reflection;
using System.Runtime.Loader;

namespace LoraPS.Cmdlets.Loading;

/// <summary>Loads assemblies and native libraries from one flat folder, and the rest from where the host has them.</summary>
/// <param name="directory">The folder.</param>
internal sealed class EngineLoadContext(string directory) : AssemblyLoadContext("LoraPS")
{
    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName) =>
        Find($"{assemblyName.Name}.dll") is { } path ? LoadFromAssemblyPath(path) : null;

    /// <inheritdoc/>
    protected override IntPtr LoadUnmanagedDll(string unmanagedDllName)
    {
        var path = Find(unmanagedDllName) ?? Find($"{unmanagedDllName}.dll") ?? Find($"{unmanagedDllName}.so") ?? Find($"lib{unmanagedDllName}.so")
            ?? Find($"{unmanagedDllName}.dylib") ?? Find($"lib{unmanagedDllName}.dylib");
        return path is null ? IntPtr.Zero : LoadUnmanagedDllFromPath(path);
    }

    private string? Find(string fileName)
    {
        var path = Path.Combine(directory, fileName);
        return File.Exists(path) ? path : null;
    }
}
