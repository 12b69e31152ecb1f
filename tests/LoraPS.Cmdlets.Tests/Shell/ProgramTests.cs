namespace LoraPS.Cmdlets.Tests.Shell;

/// <summary>Expected values are what pwsh 7.6 does with the same arguments.</summary>
public sealed class ProgramTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("'done'", 0, "done")]
    [InlineData("'before'; exit 7; 'after'", 7, "before")]
    [InlineData("'before'; throw 'bad'", 1, "before")]
    [InlineData("'before'; Get-Item /does/not/exist", 1, "before")]
    [InlineData("Get-Item /does/not/exist; 'after'", 0, "after")]
    public void A_command_ends_with_its_exit_code(string command, int exitCode, string output)
    {
        var shell = ShellProcess.Run(["-Command", command]);

        Assert.Equal((exitCode, output), (shell.ExitCode, shell.Output));
    }

    [Fact]
    public void A_script_gets_its_arguments_and_gives_its_exit_code()
    {
        var script = Script("""
            param([string] $Name, [int] $Count, [switch] $Loud)
            "$Name $Count $Loud $(Split-Path $PSScriptRoot -Leaf)"
            Get-Item /does/not/exist -ErrorAction SilentlyContinue
            exit $Count
            """);

        var shell = ShellProcess.Run([script, "-Name", "a b", "-Count", "-3", "-Loud"]);

        Assert.Equal($"a b -3 True {Path.GetFileName(_folder.Path)}", shell.Output);
        Assert.Equal(OperatingSystem.IsWindows() ? -3 : 253, shell.ExitCode);
    }

    [Fact]
    public void A_script_that_ends_without_exit_succeeds_even_after_an_error()
    {
        var shell = ShellProcess.Run(["-File", Script("Get-Item /does/not/exist")]);

        Assert.Equal(0, shell.ExitCode);
        Assert.Contains("/does/not/exist", shell.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void An_uncaught_error_of_a_script_is_shown_with_its_place()
    {
        var shell = ShellProcess.Run(["-File", Script("'one'\nthrow 'bad'")]);

        Assert.Equal((1, "one"), (shell.ExitCode, shell.Output));
        Assert.Contains("bad", shell.Errors, StringComparison.Ordinal);
        Assert.Contains("script.ps1:2", shell.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_arguments_it_runs_its_standard_input()
    {
        var shell = ShellProcess.Run([], input: "$x = 4\n$x * 2\nexit 5\n");

        Assert.Equal((5, "8"), (shell.ExitCode, shell.Output));
    }

    [Theory]
    [InlineData("-Nonsense")]
    [InlineData("-File")]
    [InlineData("/does/not/exist.ps1")]
    public void What_it_does_not_understand_is_told_with_the_usage(string argument)
    {
        var shell = ShellProcess.Run([argument]);

        Assert.Equal(64, shell.ExitCode);
        Assert.Contains("Usage:", shell.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Describing_a_file_loads_neither_libtorch_nor_TorchSharp()
    {
        var command = $"""
            (Get-Lora {TestFiles.LierLa}).Rank
            [System.Diagnostics.Process]::GetCurrentProcess().Modules.ModuleName -match 'torch|skia'
            """;

        Assert.Equal("4", ShellProcess.Run(["-Command", command]).Output);
    }

    public void Dispose() => _folder.Dispose();

    private string Script(string text)
    {
        var path = _folder.File("script.ps1");
        File.WriteAllText(path, text);
        return path;
    }
}
