using System.Diagnostics;

namespace LoraPS.Cmdlets.Tests.Shell;

/// <summary>LoraPS.Shell run as a program.</summary>
/// <param name="ExitCode">What it ended with.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Errors">Its standard error.</param>
internal sealed record ShellProcess(int ExitCode, string Output, string Errors)
{
    /// <summary>Runs it and waits for its end.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="input">Its standard input.</param>
    public static ShellProcess Run(IEnumerable<string> arguments, string input = "")
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "LoraPS.Shell.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new(process.ExitCode, output.ReplaceLineEndings("\n").Trim(), errors.GetAwaiter().GetResult().ReplaceLineEndings("\n").Trim());
    }
}
