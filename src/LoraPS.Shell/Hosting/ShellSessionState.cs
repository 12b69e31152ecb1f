using System.Management.Automation.Runspaces;
using LoraPS.Shell.Standins;
using Microsoft.PowerShell;

namespace LoraPS.Shell.Hosting;

/// <summary>What a session of the shell starts with: the engine's core commands, stand-ins for the rest, and the module.</summary>
public static class ShellSessionState
{
    /// <summary>The folder of the built module, known from the program's runtime configuration.</summary>
    /// <exception cref="DirectoryNotFoundException">The module has not been built.</exception>
    public static string ModuleDirectory
    {
        get
        {
            var directory = AppContext.GetData("LoraPS.ModuleDirectory") as string ?? "";
            return Directory.Exists(directory)
                ? Path.TrimEndingDirectorySeparator(directory)
                : throw new DirectoryNotFoundException($"The LoraPS module is not at '{directory}'. Build it with 'dotnet build'.");
        }
    }

    /// <summary>Makes the session state, with the module's parent folder first on PSModulePath.</summary>
    /// <exception cref="DirectoryNotFoundException">The module has not been built.</exception>
    public static InitialSessionState Create()
    {
        var state = InitialSessionState.CreateDefault2();
        state.ThrowOnRunspaceOpenError = true;
        if (OperatingSystem.IsWindows())
            state.ExecutionPolicy = ExecutionPolicy.RemoteSigned;
        StandardCommands.AddTo(state);
        AddToModulePath(Path.GetDirectoryName(ModuleDirectory)!);
        state.ImportPSModule(ModuleDirectory);
        return state;
    }

    private static void AddToModulePath(string directory)
    {
        var known = Environment.GetEnvironmentVariable("PSModulePath") ?? "";
        if (!known.Split(Path.PathSeparator).Contains(directory))
            Environment.SetEnvironmentVariable("PSModulePath", $"{directory}{Path.PathSeparator}{known}".TrimEnd(Path.PathSeparator));
    }
}
