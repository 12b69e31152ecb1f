using System.Management.Automation.Language;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace LoraPS.Cmdlets.Tests;

/// <summary>What is handed to systemd and the Windows Task Scheduler for the nightly merge.</summary>
public sealed class ScheduledJobTests
{
    private static readonly XNamespace Schema = "http://schemas.microsoft.com/windows/2004/02/mit/task";

    private static readonly XElement Task = XDocument.Load(TestFiles.Repository("examples/merge-job/loraps-merge.xml")).Root!;

    private static readonly ILookup<string, string> Service = Directives("service");

    /// <summary>Lines of a unit file; a name may occur several times.</summary>
    private static ILookup<string, string> Directives(string unit) => File.ReadLines(TestFiles.Repository($"examples/merge-job/loraps-merge.{unit}"))
        .Where(line => line.Contains('=') && !line.StartsWith('#'))
        .Select(line => line.Split('=', 2))
        .ToLookup(parts => parts[0], parts => parts[1]);

    private static string One(string name) => Assert.Single(Service[name]);

    private static string Argument(string line, string name) => Regex.Match(line, $@"{name} (\S+)").Groups[1].Value;

    [Theory]
    [InlineData("service")]
    [InlineData("task")]
    public void They_call_the_script_with_parameters_it_has(string kind)
    {
        var line = kind == "service" ? One("ExecStart") : Task.Descendants(Schema + "Arguments").Single().Value;
        var script = Argument(line, "-File").Replace('\\', '/');
        var file = TestFiles.Repository(script[script.IndexOf("examples/", StringComparison.Ordinal)..]);
        var parameters = Parser.ParseFile(file, out _, out _).ParamBlock.Parameters.Select(parameter => parameter.Name.VariablePath.UserPath);

        var given = Regex.Matches(line[line.IndexOf(".ps1 ", StringComparison.Ordinal)..], @" -(\w+) ").Select(match => match.Groups[1].Value);

        Assert.Equal(["RecipePath"], given);
        Assert.Subset(parameters.ToHashSet(), given.ToHashSet());
        Assert.Contains(" -NonInteractive ", $" {line}", StringComparison.Ordinal);
    }

    /// <summary>PowerShell ends when it cannot make its folders in the home, and merges write beside the recipe.</summary>
    [Fact]
    public void The_service_may_write_where_it_has_to()
    {
        Assert.Equal("strict", One("ProtectSystem"));
        Assert.Contains($"HOME=/var/lib/{One("StateDirectory")}", Service["Environment"]);
        Assert.Equal("true", One("PrivateTmp"));
        Assert.Equal($"{One("ReadWritePaths")}/recipe.json", Argument(One("ExecStart"), "-RecipePath"));
    }

    [Fact]
    public void The_timer_runs_every_night_and_makes_up_for_one()
    {
        var timer = Directives("timer");

        Assert.Equal(["*-*-* 03:00:00", "true", "timers.target"], [.. timer["OnCalendar"], .. timer["Persistent"], .. timer["WantedBy"]]);
    }

    /// <summary>Parts in any order, a trigger's start before its schedule: Microsoft's Task Scheduler schema, MS-TSCH 2.5.</summary>
    [Fact]
    public void The_task_has_the_form_of_its_schema()
    {
        Assert.Equal((Schema + "Task", "1.2"), (Task.Name, Task.Attribute("version")?.Value));
        Assert.All(Task.DescendantsAndSelf(), element => Assert.Equal(Schema, element.Name.Namespace));
        Assert.Subset(new HashSet<string> { "RegistrationInfo", "Triggers", "Principals", "Settings", "Data", "Actions" }, Names(Task).ToHashSet());
        Assert.Equal(Names(Task).Distinct(), Names(Task));
        var trigger = Task.Element(Schema + "Triggers")!.Elements().Single();
        Assert.Equal("CalendarTrigger", trigger.Name.LocalName);
        Assert.Equal(["StartBoundary", "ScheduleByDay"], Names(trigger));
        Assert.Equal(["Command", "Arguments", "WorkingDirectory"], Names(Task.Element(Schema + "Actions")!.Element(Schema + "Exec")!));
        XmlConvert.ToDateTime(trigger.Element(Schema + "StartBoundary")!.Value, XmlDateTimeSerializationMode.Unspecified);
    }

    [Fact]
    public void The_settings_of_the_task_are_of_their_types()
    {
        var settings = Task.Element(Schema + "Settings")!.Elements().ToDictionary(setting => setting.Name.LocalName, setting => setting.Value);

        Assert.True(settings.Remove("MultipleInstancesPolicy", out var policy) && policy is "Parallel" or "Queue" or "IgnoreNew" or "StopExisting");
        Assert.True(settings.Remove("Priority", out var priority) && XmlConvert.ToInt32(priority) is >= 0 and <= 10);
        Assert.True(settings.Remove("ExecutionTimeLimit", out var limit) && XmlConvert.ToTimeSpan(limit) > TimeSpan.FromHours(1));
        string[] switches = ["AllowStartOnDemand", "DisallowStartIfOnBatteries", "StopIfGoingOnBatteries", "StartWhenAvailable", "WakeToRun", "Enabled", "Hidden"];
        Assert.Subset(switches.ToHashSet(), settings.Keys.ToHashSet());
        Assert.All(settings.Values, value => XmlConvert.ToBoolean(value));
    }

    private static IEnumerable<string> Names(XElement element) => element.Elements().Select(child => child.Name.LocalName);
}
