using System.Management.Automation;

namespace LoraPS.Cmdlets.Tests.Help;

/// <summary>What about_LoraPS_Migration says of the options of sd-scripts, against those options and the commands.</summary>
public sealed class MigrationTests : IDisposable
{
    private static readonly IReadOnlyList<MigrationTopic.Line> Lines = MigrationTopic.Read();

    private readonly ModuleSession _session = new();

    /// <summary>The options of each script, as its --help lists them, in lines "script: option option …".</summary>
    public static TheoryData<string> Scripts => [.. File.ReadLines(TestFiles.Repository("tests/LoraPS.Cmdlets.Tests/Help/sd-scripts-options.txt"))];

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Every_option_of_a_script_is_told_once(string script)
    {
        var parts = script.Split(": ");
        var told = Lines.Where(line => line.Script == parts[0]).Select(line => line.Option).ToList();

        Assert.Empty(parts[1].Split(' ').Except(told));
        Assert.Equal(told.Distinct(), told);
    }

    [Fact]
    public void Every_parameter_that_is_named_exists()
    {
        var wrong = Lines.SelectMany(line => line.Parameters.Where(name => !Parameters(line.Command).ContainsKey(name)).Select(name => $"--{line.Option}: {line.Command} has no -{name}"));

        Assert.Empty(wrong);
    }

    [Fact]
    public void The_name_of_an_option_is_a_name_of_its_parameter_with_underscores_and_without()
    {
        var wrong =
            from line in Lines
            let parameter = line.Parameter
            where parameter is not null
            from name in new[] { line.Option, line.Option.Replace("_", "", StringComparison.Ordinal) }
            where !Names(Parameters(line.Command)[parameter]).Contains(name, StringComparer.OrdinalIgnoreCase)
            select $"{line.Command} -{parameter} has no alias {name}";

        Assert.Empty(wrong);
    }

    [Fact]
    public void What_is_told_to_be_missing_is_no_name_of_a_parameter()
    {
        var wrong = Lines
            .Where(line => line.Parameter is null && Parameters(line.Command).Values.SelectMany(Names).Contains(line.Option, StringComparer.OrdinalIgnoreCase))
            .Select(line => $"{line.Command} has -{line.Option}");

        Assert.Empty(wrong);
    }

    public void Dispose() => _session.Dispose();

    private static IEnumerable<string> Names(ParameterMetadata parameter) => parameter.Aliases.Append(parameter.Name);

    private Dictionary<string, ParameterMetadata> Parameters(string command) => ((CommandInfo)_session.Run($"Get-Command {command}").Single().BaseObject).Parameters;
}
