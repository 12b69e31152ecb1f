namespace LoraPS.Cmdlets.Tests.Pester;

/// <summary>Runs tests/pester, which Pester itself runs unchanged, by a stand-in for Pester.</summary>
public sealed class PesterTests : IDisposable
{
    private static IEnumerable<string> FileNames =>
        Directory.EnumerateFiles(TestFiles.Repository("tests/pester"), "*.Tests.ps1").Select(path => Path.GetFileName(path)).Order();

    private readonly ModuleSession _session = new();
    private readonly TemporaryFolder _folder = new();

    /// <summary>Names of the test files.</summary>
    public static TheoryData<string> Files() => [.. FileNames];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_test_file_passes(string file)
    {
        var results = Run(TestFiles.Repository($"tests/pester/{file}"));

        Assert.NotEmpty(results);
        Assert.Equal("", string.Join('\n', results.Where(test => !test.Passed).Select(test => $"{test.Name}: {test.Message}")));
    }

    [Fact]
    public void Every_command_has_a_test_file()
    {
        var commands = _session.Run("(Get-Command -Module LoraPS).Name").Lines.Select(name => $"{name}.Tests.ps1");

        Assert.Empty(commands.Except(FileNames));
    }

    [Fact]
    public void Blocks_share_variables_and_run_their_setups_in_order()
    {
        var results = RunText("""
            Describe 'outer <_>' -ForEach 'a', 'b' {
                BeforeAll { $x = 1; $log = [System.Collections.Generic.List[string]]::new() }
                BeforeEach { $log.Add('outer') }
                AfterEach { $log.Add('after') }
                Context 'inner' {
                    BeforeAll { $y = $x + 1 }
                    BeforeEach { $log.Add('inner') }
                    It 'sees <number>' -ForEach @{ number = 1 }, @{ number = 2 } { $y + $number | Should -Be (2 + $number) }
                    It 'comes last' { $log -join ' ' | Should -Be 'outer inner after outer inner after outer inner' }
                }
                It 'knows the case' { $_ | Should -BeLike '[ab]' }
                It 'has a drive' { Set-Content "$TestDrive/file" 'x'; "$TestDrive/file" | Should -Exist }
            }
            """);

        string[] names = ["inner.sees 1", "inner.sees 2", "inner.comes last", "knows the case", "has a drive"];
        Assert.Equal([.. names.Select(name => $"outer a.{name}"), .. names.Select(name => $"outer b.{name}")], results.Select(test => test.Name));
        Assert.All(results, test => Assert.Null(test.Message));
    }

    [Theory]
    [InlineData("2 | Should -Be 2")]
    [InlineData("'A' | Should -Be 'a'")]
    [InlineData("'A' | Should -Not -BeExactly 'a'")]
    [InlineData("1, 2 | Should -Be 1, 2")]
    [InlineData("1, 2 | Should -Not -Be 1, 3")]
    [InlineData("1, 2 | Should -Not -Be 1")]
    [InlineData("$null | Should -Be $null")]
    [InlineData("$null | Should -Not -Be 0")]
    [InlineData("@() | Should -BeNullOrEmpty")]
    [InlineData("'' | Should -BeNullOrEmpty")]
    [InlineData("0 | Should -Not -BeNullOrEmpty")]
    [InlineData("$true | Should -BeTrue")]
    [InlineData("0 | Should -BeFalse")]
    [InlineData("3 | Should -BeGreaterThan 2")]
    [InlineData("2 | Should -BeLessOrEqual 2")]
    [InlineData("'abc' | Should -Match 'b'")]
    [InlineData("'abc' | Should -Not -BeLike 'b*'")]
    [InlineData("1, 2 | Should -Contain 2")]
    [InlineData("1, 2 | Should -HaveCount 2")]
    [InlineData("@() | Should -HaveCount 0")]
    [InlineData("$PSHOME | Should -Exist")]
    [InlineData("{ throw 'bad' } | Should -Throw")]
    [InlineData("{ throw 'bad' } | Should -Throw 'b*'")]
    [InlineData("{ Get-Lora /missing -ErrorAction Stop } | Should -Throw -ErrorId 'LoraFileNotFound*'")]
    [InlineData("{ 1 } | Should -Not -Throw")]
    public void An_assertion_holds_and_its_contrary_fails(string assertion)
    {
        var contrary = assertion.Contains(" -Not ", StringComparison.Ordinal)
            ? assertion.Replace(" -Not ", " ", StringComparison.Ordinal)
            : assertion.Replace("Should ", "Should -Not ", StringComparison.Ordinal);

        Assert.Equal([true, false], RunText($"Describe d {{ It a {{ {assertion} }}; It b {{ {contrary} }} }}").Select(test => test.Passed));
    }

    [Theory]
    [InlineData("1 | Should -BeSomething")]
    [InlineData("1 | Should")]
    [InlineData("throw 'bad'")]
    [InlineData("Mock Get-Lora { }")]
    public void What_it_does_not_know_fails_and_the_next_test_runs(string body)
    {
        Assert.Equal([false, true], RunText($"Describe d {{ It a {{ {body} }}; It b {{ 1 | Should -Be 1 }} }}").Select(test => test.Passed));
    }

    [Fact]
    public void A_setup_that_fails_is_a_failure()
    {
        Assert.Equal([false], RunText("Describe d { BeforeAll { throw 'bad' }; It a { } }").Select(test => test.Passed));
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    private List<(string Name, bool Passed, string? Message)> RunText(string text)
    {
        File.WriteAllText(_folder.File("text.Tests.ps1"), text);
        return Run(_folder.File("text.Tests.ps1"));
    }

    private List<(string Name, bool Passed, string? Message)> Run(string path)
    {
        var result = _session.Run($". '{TestFiles.Repository("tests/LoraPS.Cmdlets.Tests/Pester/Pester.ps1")}'\nInvoke-PesterFile '{path}'", _folder);
        Assert.Null(result.Terminating?.ToString());
        return [.. result.Output.Select(test => ($"{SessionResult.Value(test, "Name")}", SessionResult.Value(test, "Passed") is true, SessionResult.Value(test, "Message") as string))];
    }
}
